import numpy as np
import pytest
import soundfile
from descriptions import described
from PIL import Image

from va_space.errors import LibraryError, MediaError
from va_space.production.own_pictures import from_own_pictures
from va_space.retrieval.index import index


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three pictures, one file that is none, and a track."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "pictures").mkdir()
    rng = np.random.default_rng(0)
    for number, high in enumerate((60, 160, 256)):
        pixels = rng.integers(0, high, (40, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((120, 80)).save(folder / "pictures" / f"{number}.png")
    (folder / "pictures" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    soundfile.write(folder / "track.wav", rng.uniform(-0.4, 0.4, 24_000), 8000)
    return folder


def own(space, folder, **options):
    heard = described(path=str(folder / "track.wav"))
    return from_own_pictures(space, heard, folder / "pictures", **options)


def test_the_picture_that_feels_most_like_the_track_is_graded(tiny_space, folder):
    failures, steps = [], []
    best, second = own(
        tiny_space,
        folder,
        takes=2,
        failures=failures,
        progress=lambda what, done, total: steps.append(what),
    )
    assert [each.facts["rank"] for each in (best, second)] == [1, 2]
    assert best.facts["score"] >= second.facts["score"]
    assert best.facts["picture"] != second.facts["picture"]
    assert best.usual_size == (120, 80)
    with Image.open(folder / "pictures" / best.facts["picture"]) as original:
        assert (np.asarray(best.image) != np.asarray(original)).any()
    assert [each.source.name for each in failures] == ["bad.png"]
    assert set(steps) == {"Looking", "Grading"}


def test_an_album_gives_the_same_as_its_folder_and_no_grade_is_the_picture(tiny_space, folder, tmp_path):
    album = tmp_path / "album"
    index(tiny_space, folder / "pictures", album, kind="pictures")
    heard = described(path=str(folder / "track.wav"))
    (indexed,) = from_own_pictures(tiny_space, heard, album, strength=0)
    (direct,) = own(tiny_space, folder, strength=0)
    assert indexed.facts["picture"] == direct.facts["picture"]
    with Image.open(folder / "pictures" / direct.facts["picture"]) as original:
        difference = np.asarray(direct.image).astype(int) - np.asarray(original)
    assert np.abs(difference).max() <= 1


def test_a_section_asks_by_its_feeling(tiny_space, folder):
    (made,) = own(tiny_space, folder, section=described().section("drop"), strength=0)
    assert made.facts["heard"]["section"] == "drop"
    assert made.facts["heard"]["feeling percentile"] == [0.7, 0.95]


def test_nothing_there_is_said(tiny_space, folder, tmp_path):
    with pytest.raises(MediaError, match="no such folder"):
        from_own_pictures(tiny_space, described(), tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises((LibraryError, MediaError)):
        from_own_pictures(tiny_space, described(path=str(folder / "track.wav")), tmp_path / "empty")
