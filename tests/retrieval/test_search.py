"""Searching: order and scores against plain numpy over the same vectors."""

import copy

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.errors import LibraryError, MediaError
from va_space.retrieval.index import index
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.search import parse_point, search, search_point, search_vector
from va_space.space import VASpace

RATE = 8000


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Twelve recordings of two to four different seconds each."""
    folder = tmp_path_factory.mktemp("music")
    random = np.random.default_rng(7)
    for number in range(12):
        seconds = []
        for hertz in random.uniform(80, 3000, size=2 + number % 3):
            time = np.arange(RATE) / RATE
            noise = random.normal(size=RATE) * random.uniform(0, 0.5)
            seconds.append(0.3 * np.sin(2 * np.pi * hertz * time) + 0.2 * noise)
        soundfile.write(folder / f"{number:02}.wav", np.concatenate(seconds).clip(-1, 1), RATE)
    return folder


@pytest.fixture(scope="module")
def library(tiny_space, music, tmp_path_factory):
    return index(tiny_space, music, tmp_path_factory.mktemp("library")).library


@pytest.fixture
def picture():
    values = np.random.default_rng(3).integers(0, 256, size=(40, 50, 3), dtype=np.uint8)
    return Image.fromarray(values)


def test_picture_ranks_by_predicted_similarity(tiny_space, library, music, picture):
    files = sorted(music.iterdir())
    vector, tracks = tiny_space.encode(picture), tiny_space.encode(files)
    scores = tiny_space.similarity(vector[None], tracks)[0]
    results = search(tiny_space, library, picture, k=5)
    assert [result.rank for result in results] == [1, 2, 3, 4, 5]
    assert [result.path for result in results] == [files[i] for i in np.argsort(-scores)[:5]]
    np.testing.assert_allclose([result.score for result in results], np.sort(scores)[::-1][:5], atol=1e-5)
    by_file = dict(zip(files, tracks, strict=True))
    for result in results:
        assert result.cosine == pytest.approx(float(by_file[result.path] @ vector), abs=1e-5)
        assert result.title == result.path.stem
        va = tiny_space.predict_va_from_vectors(by_file[result.path][None], "music")[0]
        np.testing.assert_allclose([result.valence, result.arousal], va, atol=1e-5)
        windows = tiny_space.encode([result.path], windows=True)[0]
        best = np.argmax(tiny_space.similarity(vector[None], windows.vectors)[0])
        assert result.start == windows.starts[best]


def test_picture_as_file_equals_picture_in_memory(tiny_space, library, picture, tmp_path):
    picture.save(tmp_path / "picture.png")
    expected = search(tiny_space, library, picture)
    assert search(tiny_space, library, tmp_path / "picture.png") == expected
    assert search(tiny_space, library, str(tmp_path / "picture.png")) == expected
    assert search_vector(tiny_space, library, tiny_space.encode(picture), "picture") == expected


def test_track_finds_itself_first_and_ranks_by_cosine(tiny_space, library, music):
    files = sorted(music.iterdir())
    results = search(tiny_space, library, files[4], k=12)
    assert results[0].path == files[4]
    assert results[0].cosine == pytest.approx(1, abs=1e-5)
    assert results[0].score == pytest.approx(1, abs=1e-4)
    tracks = tiny_space.encode(files)
    expected = np.sort(tracks @ tracks[4])[::-1]
    np.testing.assert_allclose([result.cosine for result in results], expected, atol=1e-5)


def test_point_ranks_by_distance(tiny_space, library, music):
    files = sorted(music.iterdir())
    va = tiny_space.predict_va(files)
    point = va[7] + np.float32(1e-4)
    distances = np.linalg.norm(va - point, axis=1)
    results = search(tiny_space, library, f"{point[0]}, {point[1]}", k=12)
    np.testing.assert_allclose(
        [result.score for result in results],
        np.exp(-np.sort(distances) / tiny_space.config.sigma),
        atol=1e-4,
    )
    assert results[0].path == files[7]
    assert all(result.cosine is None for result in results)
    assert search_point(tiny_space, library, point, k=3) == results[:3]


def test_k_larger_than_the_library(tiny_space, library, picture):
    assert len(search(tiny_space, library, picture, k=500)) == 12


def test_empty_library_has_no_results(tiny_space, picture, tmp_path):
    library = MusicLibrary.create(tmp_path, model=tiny_space.identity, dimension=512, root=tmp_path)
    assert search(tiny_space, library, picture) == []
    assert search(tiny_space, library, "0.5,0.5") == []


def test_another_model_is_refused(tiny_space, library, picture):
    other = VASpace(copy.deepcopy(tiny_space.model), identity="other", device="cpu", precision="fp32")
    for query in (picture, "0.5,0.5"):
        with pytest.raises(LibraryError, match=r"another model.*va-space index"):
            search(other, library, query)


def test_unreadable_query_is_an_error(tiny_space, library, tmp_path):
    with pytest.raises(MediaError, match="nothing"):
        search(tiny_space, library, tmp_path / "nothing.jpg")


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("0.2,0.9", (0.2, 0.9)),
        (" 1 , 0 ", (1, 0)),
        (".5,1.", (0.5, 1)),
        ("moon,0.5.jpg", None),
        ("0.5", None),
    ],
)
def test_points_are_told_from_files(text, point):
    parsed = parse_point(text)
    assert parsed is None if point is None else parsed == pytest.approx(point)


def test_point_outside_the_plane_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        parse_point("0.5,1.2")
