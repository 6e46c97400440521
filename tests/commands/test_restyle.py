import json

import numpy as np
import pytest
import soundfile
from PIL import ExifTags, Image

from va_space.transfer.lut import apply_lut, read_cube

QUICK = ("--steps", 2)


@pytest.fixture
def restyle(va_space, tiny_model):
    """Run ``va-space restyle`` with the small model."""
    return lambda *arguments: va_space("restyle", *arguments, "--model", tiny_model, *QUICK)


def pixels(path):
    return np.asarray(Image.open(path)).astype(int)


def test_a_picture_for_music(restyle, media, tmp_path):
    out = tmp_path / "new" / "out.png"
    result = restyle(media / "a.png", media / "c.wav", "-o", out, "--strength", 1, "--json")
    assert result.returncode == 0, result.stderr
    (row,) = json.loads(result.stdout)
    assert row["output"] == str(out)
    assert row["target"] == "c"
    values = [
        row[f"{name} {when}"] for name in ("valence", "arousal") for when in ("before", "after", "music")
    ]
    assert all(0 <= value <= 1 for value in values)
    assert pixels(out).shape == (40, 60, 3)
    assert not np.array_equal(pixels(out), pixels(media / "a.png"))
    assert [path.name for path in out.parent.iterdir()] == ["out.png"]


def test_each_of_several_targets_gets_its_picture(restyle, media, tmp_path):
    result = restyle(
        media / "a.png",
        media / "c.wav",
        media / "d.flac",
        "calm",
        "0.1,0.9",
        "calm",
        "-o",
        tmp_path / "o.jpg",
    )
    assert result.returncode == 0, result.stderr
    names = ["o-c.jpg", "o-d.jpg", "o-calm.jpg", "o-0.1-0.9.jpg", "o-calm-2.jpg"]
    assert [line.split("\t")[0] for line in result.stdout.splitlines()[1:]] == [
        str(tmp_path / name) for name in names
    ]
    assert all(Image.open(tmp_path / name).size == (60, 40) for name in names)


def test_other_music_gives_another_picture(restyle, media, tmp_path):
    restyle(media / "a.png", "0,0", "1,1", "-o", tmp_path / "o.png", "--strength", 1)
    assert not np.array_equal(pixels(tmp_path / "o-0-0.png"), pixels(tmp_path / "o-1-1.png"))


def test_more_strength_changes_more(restyle, media, tmp_path):
    changes = []
    for strength in (0, 0.3, 1):
        restyle(media / "a.png", "happy", "-o", tmp_path / "o.png", "--strength", strength)
        changes.append(np.abs(pixels(tmp_path / "o.png") - pixels(media / "a.png")).mean())
    assert changes[0] == 0
    assert changes == sorted(changes)


def test_the_same_command_gives_the_same_file(restyle, media, tmp_path):
    for name in ("a", "b"):
        restyle(media / "a.png", media / "c.wav", "-o", tmp_path / f"{name}.png", "--seed", 3)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_cube_and_json_reproduce_the_picture(restyle, va_space, media, tmp_path):
    restyle(media / "a.png", "sad", "-o", tmp_path / "o.png", "--cube", "--grade-json", "--strength", 1)
    with Image.open(media / "a.png") as given:
        by_cube = apply_lut(given.convert("RGB"), read_cube(tmp_path / "o.cube"))
    assert np.abs(np.asarray(by_cube).astype(int) - pixels(tmp_path / "o.png")).max() <= 2
    for grade in ("o.json", "o.cube"):
        result = va_space(
            "restyle", media / "a.png", "--apply", tmp_path / grade, "-o", tmp_path / "again.png"
        )
        assert result.returncode == 0, result.stderr
        assert np.abs(pixels(tmp_path / "again.png") - pixels(tmp_path / "o.png")).max() <= 1


def test_what_goes_with_the_picture_stays_with_it(restyle, tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    given = np.random.default_rng(0).integers(0, 256, (20, 30, 4), dtype=np.uint8)
    Image.fromarray(given).save(tmp_path / "a.png", exif=exif)
    assert restyle(tmp_path / "a.png", "angry", "-o", tmp_path / "o.png", "--strength", 1).returncode == 0
    with Image.open(tmp_path / "o.png") as image:
        assert image.size == (20, 30)
        assert image.getexif()[ExifTags.Base.Orientation] == 1
        assert np.array_equal(np.asarray(image)[..., 3], np.rot90(given, -1)[..., 3])


def test_a_sheet_of_all_results(restyle, media, tmp_path):
    pytest.importorskip("matplotlib")
    sheet = tmp_path / "sheet.png"
    result = restyle(media / "a.png", "calm", "none.ogg", "0,1", "-o", tmp_path / "o.png", "--sheet", sheet)
    assert result.returncode == 1  # for none.ogg, while the others are there
    assert {path.name for path in tmp_path.glob("*.*")} == {"o-calm.png", "o-0-1.png", "sheet.png"}
    assert Image.open(sheet).width == 1500


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK"])
def test_pictures_of_other_modes(restyle, tmp_path, mode):
    Image.linear_gradient("L").resize((20, 20)).convert("RGB").convert(mode).save(tmp_path / "a.tif")
    assert restyle(tmp_path / "a.tif", "calm", "-o", tmp_path / "o.png").returncode == 0
    assert Image.open(tmp_path / "o.png").mode == "RGB"


@pytest.mark.parametrize("colour", [0, 255])
def test_a_track_of_one_note_and_a_picture_of_one_colour(restyle, tmp_path, colour):
    Image.new("RGB", (40, 30), (colour,) * 3).save(tmp_path / "a.png")
    time = np.arange(16_000) / 8000
    soundfile.write(tmp_path / "note.wav", 0.3 * np.sin(2 * np.pi * 440 * time), 8000)
    result = restyle(
        tmp_path / "a.png", tmp_path / "note.wav", "sad", "-o", tmp_path / "o.png", "--strength", 1
    )
    assert result.returncode == 0, result.stderr
    assert Image.open(tmp_path / "o-note.png").size == (40, 30)


def test_absolute_takes_points_and_vectors_as_they_are(restyle, media, tmp_path):
    options = ("-o", tmp_path / "o.png", "--absolute", "--kind", "painting", "--json")
    result = restyle(media / "a.png", media / "c.wav", "0.9,0.2", *options)
    assert result.returncode == 0, result.stderr
    by_music, by_point = json.loads(result.stdout)
    assert (by_point["valence wanted"], by_point["arousal wanted"]) == (0.9, 0.2)
    assert by_music["valence wanted"] == by_music["valence music"]
    assert by_music["kind"] == "painting"


def test_one_pixel(restyle, tmp_path):
    Image.new("RGB", (1, 1), (120, 80, 40)).save(tmp_path / "a.png")
    assert restyle(tmp_path / "a.png", "excited", "-o", tmp_path / "o.png").returncode == 0
    assert Image.open(tmp_path / "o.png").size == (1, 1)


def test_a_picture_of_20000_by_20000(restyle, tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "a.png")
    result = restyle(tmp_path / "a.png", "calm", "-o", tmp_path / "o.png")
    assert result.returncode == 1
    assert "20000 x 20000 pixels is more than the limit" in result.stderr
    assert not (tmp_path / "o.png").exists()


def test_bad_music_is_reported_and_the_rest_goes_on(restyle, media, tmp_path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(16000), 8000)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "noise.mp3").write_bytes(b"no sound at all")
    music = [tmp_path / name for name in ("silent.wav", "empty.wav", "noise.mp3", "none.ogg")]
    result = restyle(
        media / "a.png", *music, media / "b.jpg", "hapy", "2,0.5", "calm", "-o", tmp_path / "o.png"
    )
    assert result.returncode == 1
    for reason in (
        "silent.wav: silent",
        "empty.wav: an empty file",
        "noise.mp3: neither a picture nor sound",
        "none.ogg: no such file",
        "b.jpg: a picture where music is expected",
        "do you mean happy",
        "2,0.5: valence and arousal lie between 0 and 1",
        "7 of 8 inputs failed",
    ):
        assert reason in result.stderr.replace("\n", " ")
    assert [path.name for path in tmp_path.glob("o*")] == ["o-calm.png"]


def test_only_bad_music_writes_nothing(restyle, media, tmp_path):
    assert restyle(media / "a.png", "gibberish", "-o", tmp_path / "o.png").returncode == 1
    assert not (tmp_path / "o.png").exists()


@pytest.mark.parametrize("content", [None, b"", b"no picture"])
def test_a_bad_picture(restyle, tmp_path, content):
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    result = restyle(tmp_path / "a.png", "calm", "-o", tmp_path / "o.png")
    assert result.returncode == 1
    assert "a.png" in result.stderr
    assert not (tmp_path / "o.png").exists()


def test_a_place_that_cannot_be_written_is_told_before_the_work(restyle, media, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.png").mkdir()
    for out in (tmp_path / "file" / "o.png", tmp_path / "folder.png"):
        result = restyle(media / "a.png", "calm", "-o", out)
        assert result.returncode == 1
        assert result.stderr.startswith("Error: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["a.png", "-o", "o.png"],
        ["a.png", "calm", "-o", "o.txt"],
        ["a.png", "calm", "-o", "a.png"],
        ["a.png", "calm"],
        ["a.png", "calm", "-o", "o.png", "--strength", "2"],
        ["a.png", "calm", "-o", "o.png", "--apply", "g.json"],
        ["a.png", "-o", "o.png", "--apply", "g.json", "--cube"],
        ["a.png", "calm", "-o", "o.png", "--generator", "net.pkl", "--cube"],
        ["a.png", "calm", "-o", "o.png", "--sheet", "o.png"],
        ["a.png", "calm", "-o", "o.png", "--sheet", "a.png"],
        ["a.png", "-o", "o.png", "--apply", "g.json", "--sheet", "s.png"],
    ],
)
def test_wrong_usage(restyle, media, monkeypatch, arguments):
    monkeypatch.chdir(media)
    before = (media / "a.png").read_bytes()
    assert restyle(*arguments).returncode == 2
    assert (media / "a.png").read_bytes() == before
    assert not (media / "o.png").exists()


def test_a_grade_that_is_none(va_space, media, tmp_path):
    (tmp_path / "g.json").write_text("{}")
    result = va_space("restyle", media / "a.png", "--apply", tmp_path / "g.json", "-o", tmp_path / "o.png")
    assert result.returncode == 1
    assert "not a grade" in result.stderr
