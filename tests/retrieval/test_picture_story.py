"""Pictures in time with a track: where it is cut, and which picture each part gets."""

from itertools import pairwise, permutations, product

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.errors import LibraryError, MediaError
from va_space.media.boundaries import Boundary
from va_space.media.structure import Curve, Structure
from va_space.retrieval.filters import Filters
from va_space.retrieval.index import index
from va_space.retrieval.picture_story import assign, cut_parts, picture_story

RATE = 8000


def structure(duration, boundaries=(), beats=()):
    nothing = Curve(np.zeros(1), np.zeros(1))
    return Structure(
        duration,
        nothing,
        nothing,
        (),
        None,
        np.array(beats, np.float64),
        nothing,
        tuple(Boundary(second, 0.5, 0.0) for second in boundaries),
    )


def test_parts_end_at_boundaries_and_long_sections_are_cut_at_beats():
    assert cut_parts(structure(20.0, [8.0]), 12) == [(0.0, 8.0), (8.0, 20.0)]
    assert cut_parts(structure(1.0), 12) == [(0.0, 1.0)]
    halves = cut_parts(structure(20.0), 12)
    assert halves == [(0.0, 10.0), (10.0, 20.0)]
    parts = cut_parts(structure(50.0, [25.0], np.arange(0.3, 50, 0.7)), 10)
    assert [part[0] for part in parts[1:]] == [part[1] for part in parts[:-1]]
    assert 25.0 in [part[0] for part in parts]
    cuts = np.array([part[0] for part in parts[1:] if part[0] != 25.0])
    np.testing.assert_allclose((cuts - 0.3) / 0.7, np.round((cuts - 0.3) / 0.7), atol=1e-9)
    assert max(end - start for start, end in parts) < 10 + 0.7


def test_assignment_is_the_cheapest_of_all():
    costs = np.random.default_rng(0).uniform(size=(6, 4))
    best = min(permutations(range(6), 4), key=lambda way: sum(costs[p, i] for i, p in enumerate(way)))
    assert assign(costs) == list(best)


def test_too_few_pictures_come_again_but_not_in_a_row():
    chosen = assign(np.random.default_rng(1).uniform(size=(3, 11)))
    assert len(chosen) == 11
    assert all(a != b for a, b in pairwise(chosen))
    counts = np.bincount(chosen, minlength=3)
    assert counts.max() - counts.min() <= 1
    assert assign(np.ones((1, 3))) == [0, 0, 0]
    # Where two pictures take turns, the cheaper of the two orders.
    costs = np.random.default_rng(2).uniform(size=(2, 2))
    ways = [way for way in product(range(2), repeat=2) if way[0] != way[1]]
    assert assign(costs) == list(min(ways, key=lambda way: costs[way[0], 0] + costs[way[1], 1]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    random = np.random.default_rng(0)
    for number in range(8):
        coarse = random.integers(0, 256, (3, 4, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((40, 30)).save(folder / f"{number}.png")
    time = np.arange(10 * RATE) / RATE
    noise = random.normal(size=10 * RATE) * 0.3
    soundfile.write(folder / "track.wav", np.concatenate([0.3 * np.sin(900 * time), noise]).clip(-1, 1), RATE)
    soundfile.write(folder / "silence.wav", np.zeros(5 * RATE), RATE)
    soundfile.write(folder / "jingle.wav", noise[:RATE].clip(-1, 1), RATE)
    return folder


@pytest.fixture(scope="module")
def album(tiny_space, folder):
    return index(tiny_space, folder, folder / "album", kind="pictures").library


def test_slides_follow_the_sections_without_a_gap(tiny_space, folder, album):
    told = picture_story(tiny_space, album, folder / "track.wav", longest=6)
    slides = told.slides
    assert told.query.name == "track.wav"
    assert [slide.rank for slide in slides] == list(range(1, len(slides) + 1))
    assert len(slides) >= 4
    assert slides[0].start == 0
    ends = [slide.start + slide.length for slide in slides]
    assert ends[:-1] == pytest.approx([slide.start for slide in slides[1:]])
    assert ends[-1] == pytest.approx(20)
    assert min(abs(end - 10) for end in ends) < 0.3  # where the noise begins
    assert len({slide.path for slide in slides}) == len(slides)
    # Each part is asked about by itself: the two halves are not alike.
    assert slides[0].similarity != pytest.approx(slides[-1].similarity, abs=1e-6)


@pytest.mark.parametrize(("name", "seconds"), [("silence", 5), ("jingle", 1)])
def test_sounds_without_sections_get_one_picture(tiny_space, folder, album, name, seconds):
    (slide,) = picture_story(tiny_space, album, folder / f"{name}.wav").slides
    assert (slide.start, slide.length) == (0, pytest.approx(seconds, abs=0.1))


def test_what_cannot_be_told(tiny_space, folder, album):
    with pytest.raises(MediaError, match="a picture; a story of pictures follows a track"):
        picture_story(tiny_space, album, folder / "0.png")
    with pytest.raises(MediaError, match="no such file"):
        picture_story(tiny_space, album, folder / "none.wav")
    with pytest.raises(LibraryError, match="no picture that may be found"):
        picture_story(tiny_space, album, folder / "jingle.wav", filters=Filters(where="width > 9000"))
    with pytest.raises(ValueError, match="longest"):
        picture_story(tiny_space, album, folder / "jingle.wav", longest=0)
