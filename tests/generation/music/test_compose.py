"""From what a user names to files."""

import json
from io import BytesIO

import mido
import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space import VASpace
from va_space.errors import ConfigError, MediaError, MissingExtraError
from va_space.generation.music import Course, compose, compose_takes
from va_space.generation.music.provenance import take_midi


@pytest.fixture(scope="module")
def space():
    return VASpace.from_pretrained()


@pytest.fixture(scope="module")
def take(space):
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (80, 80, 3), np.uint8))
    return compose(space, picture, seconds=5, candidates=14, seed=3)


def test_a_picture_becomes_music(take, space):
    assert take.sound.shape == (2, 5 * 44_100)
    assert take.model == space.fingerprint
    assert take.chosen.heard is not None
    assert take.request.feelings[0].kind == "picture"
    assert "quarter notes a minute" in take.why


@pytest.mark.slow
def test_the_same_again_and_another_seed(space):
    first, again = (compose(space, "tense", seconds=3, candidates=13, seed=1) for _ in range(2))
    assert np.array_equal(first.sound, again.sound)
    assert take_midi(first) == take_midi(again)
    assert take_midi(compose(space, "tense", seconds=3, candidates=13, seed=2)) != take_midi(first)


def test_each_condition_changes_the_music():
    def made(target="calm", **options):
        return take_midi(compose(None, target, seconds=8, candidates=1, **options))

    plain = made()
    assert made() == plain
    changed = [
        made("angry"),
        made(seed=1),
        made(tempo=150),
        made(key="C# minor"),
        made(instruments=("harp",)),
        take_midi(compose(None, "calm", seconds=12, candidates=1)),
        take_midi(compose(None, "calm", seconds=8, candidates=9)),
    ]
    assert len({plain, *changed}) == 1 + len(changed)


@pytest.mark.slow
def test_takes_differ_and_come_best_first(space):
    takes = compose_takes(space, (0.8, 0.8), takes=3, seconds=4, candidates=20)
    assert len({take_midi(each) for each in takes}) == 3
    assert [each.chosen.distance for each in takes] == sorted(each.chosen.distance for each in takes)


@pytest.mark.parametrize("seconds", [0, -3, 0.5, 3600, float("nan"), float("inf")])
def test_lengths_that_cannot_be(seconds):
    with pytest.raises(ConfigError, match="s of music"):
        compose(None, "calm", seconds=seconds, candidates=1)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"key": "H"}, "no key"),
        ({"instruments": ("kazoo",)}, "no instrument"),
        ({"tempo": 0}, "a tempo of 0"),
        ({"tempo": 1000}, "a tempo of 1000"),
        ({"candidates": 0}, "0 candidates"),
    ],
)
def test_wishes_that_cannot_be(options, reason):
    with pytest.raises(ConfigError, match=reason):
        compose(None, "calm", **{"seconds": 3, "candidates": 1} | options)


def test_what_cannot_be_read(space, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(MediaError, match=r"broken\.jpg"):
        compose(space, str(tmp_path / "broken.jpg"), seconds=3, candidates=1)
    with pytest.raises(MediaError, match="no such file"):
        compose(space, "serenne", seconds=3, candidates=1)
    with pytest.raises(ConfigError, match="nothing to compose for"):
        compose(space, [], seconds=3)


def test_a_black_picture_and_silence_have_music_too(space):
    black = compose(space, Image.new("RGB", (64, 64)), seconds=2, candidates=2)
    assert np.abs(black.sound).max() > 0.05


@pytest.mark.parametrize("ending", [".wav", ".flac", ".ogg", ".mp3"])
def test_sound_files_hold_the_music_and_what_it_was_made_from(take, tmp_path, ending):
    written = take.save(tmp_path / f"out{ending}")
    assert [path.suffix for path in written] == [ending, ".mid", ".json"]
    with soundfile.SoundFile(written[0]) as file:
        assert (file.samplerate, file.channels) == (44_100, 2)
        assert "Music for" in file.title
        assert json.loads(file.comment)["seed"] == 3
        sound = file.read(always_2d=True).T
    kept = min(sound.shape[1], take.sound.shape[1])
    assert kept >= take.sound.shape[1] - 1
    assert np.corrcoef(sound[0, :kept], take.sound[0, :kept])[0, 1] > 0.95
    assert np.abs(sound).max() <= 1


def test_the_sidecar_and_the_midi_say_all(take, tmp_path, space):
    midi, sidecar = take.save(tmp_path / "out.mid")
    facts = json.loads(sidecar.read_text("utf-8"))
    assert facts["seed"] == 3
    assert facts["model"] == space.fingerprint
    assert facts["scores"]["music encoder"] == list(take.chosen.heard)
    assert facts["sections"][0]["controls"]["tempo"] == take.score.sections[0].tempo
    assert facts["loudness (LUFS)"] < -10
    assert set(facts["versions"]) >= {"va-space", "python", "numpy"}
    texts = [m.text for m in mido.MidiFile(midi).tracks[0] if m.type == "text"]
    assert json.loads(texts[1])["seed"] == 3
    with pytest.raises(ConfigError, match=r"end with \.wav"):
        take.save(tmp_path / "out.xyz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json", "out.mid"]


@pytest.mark.slow
def test_a_feeling_over_time_is_told_in_time(space):
    take = compose(space, ["sad", "happy"], seconds=24, candidates=13)
    assert take.why.startswith("from 0 s")
    assert len({section.tempo for section in take.score.sections}) > 1
    given = compose(None, Course((0.0, 20.0), ((0.1, 0.1), (0.9, 0.9))), seconds=20, candidates=1)
    assert given.score.sections[0].tempo < given.score.sections[-1].tempo


def test_a_soundfont_plays_the_same_notes(tmp_path):
    from va_space.datasets.midi import SOUNDFONTS

    wrong = tmp_path / "no.sf2"
    wrong.write_bytes(b"RIFF....wave")
    pytest.importorskip("midirenderer", reason="needs the extra soundfont")
    with pytest.raises(MediaError, match="not a SoundFont"):
        compose(None, "calm", seconds=3, candidates=1, soundfont=wrong)
    with pytest.raises(MediaError, match="cannot be read"):
        compose(None, "calm", seconds=3, candidates=1, soundfont=tmp_path / "gone.sf2")
    font = next((path for path in SOUNDFONTS if path.is_file()), None)
    if font is None:
        pytest.skip("needs a SoundFont, such as the Debian package fluid-soundfont-gm")
    own = compose(None, "calm", seconds=4, candidates=1, instruments=("piano",))
    other = compose(None, "calm", seconds=4, candidates=1, instruments=("piano",), soundfont=font)
    assert take_midi(own) == take_midi(other)
    assert other.soundfont == font.name
    assert other.sound.shape == own.sound.shape
    envelopes = [
        np.abs(each.sound.mean(axis=0))[: 4 * 44_100].reshape(80, -1).mean(axis=1) for each in (own, other)
    ]
    assert np.corrcoef(*envelopes)[0, 1] > 0.3


def test_without_the_extra_a_soundfont_is_refused(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "midirenderer", None)
    with pytest.raises(MissingExtraError, match="soundfont"):
        compose(None, "calm", seconds=3, candidates=1, soundfont=tmp_path / "a.sf2")


def test_midi_of_percussion_and_pedal_is_whole():
    take = compose(None, "excited", seconds=6, candidates=1, instruments=("piano", "percussion"))
    file = mido.MidiFile(file=BytesIO(take_midi(take)))
    for track in file.tracks[1:]:
        sounding: dict[int, int] = {}
        for message in track:
            if message.type == "note_on":
                sounding[message.note] = sounding.get(message.note, 0) + 1
                assert sounding[message.note] == 1
            elif message.type == "note_off":
                sounding[message.note] -= 1
        assert not any(sounding.values())
