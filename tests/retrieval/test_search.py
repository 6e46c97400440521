"""Searching: order and scores against plain numpy over the same vectors."""

import copy

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.emotion.words import word_point
from va_space.errors import LibraryError, MediaError
from va_space.retrieval.filters import Filters
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.search import search
from va_space.space import Failure, VASpace
from va_space.targets import PictureTarget, read_target, read_targets


def noise(seed):
    values = np.random.default_rng(seed).integers(0, 256, size=(40, 50, 3), dtype=np.uint8)
    return Image.fromarray(values)


@pytest.fixture
def picture():
    return noise(3)


def test_picture_ranks_by_predicted_similarity(tiny_space, library, files, picture):
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
        assert result.duration == pytest.approx(soundfile.info(result.path).duration)
        va = tiny_space.predict_va_from_vectors(by_file[result.path][None], "music")[0]
        np.testing.assert_allclose([result.valence, result.arousal], va, atol=1e-5)
        windows = tiny_space.encode([result.path], windows=True)[0]
        best = np.argmax(tiny_space.similarity(vector[None], windows.vectors)[0])
        assert result.start == windows.starts[best]
        assert result.length == tiny_space.config.audio.window_seconds


def test_picture_as_file_equals_picture_in_memory(tiny_space, library, picture, tmp_path):
    picture.save(tmp_path / "picture.png")
    expected = search(tiny_space, library, picture)
    assert search(tiny_space, library, tmp_path / "picture.png") == expected
    assert search(tiny_space, library, str(tmp_path / "picture.png")) == expected
    query = PictureTarget.of(tiny_space, tiny_space.encode(picture))
    assert search(tiny_space, library, query) == expected


def test_track_finds_itself_first_and_ranks_by_cosine(tiny_space, library, files):
    results = search(tiny_space, library, files[4], k=12)
    assert results[0].path == files[4]
    assert results[0].cosine == pytest.approx(1, abs=1e-5)
    assert results[0].score == pytest.approx(1, abs=1e-4)
    tracks = tiny_space.encode(files)
    expected = np.sort(tracks @ tracks[4])[::-1]
    np.testing.assert_allclose([result.cosine for result in results], expected, atol=1e-5)


def test_point_ranks_by_distance(tiny_space, library, files):
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


def test_word_is_its_point(tiny_space, library):
    valence, arousal = word_point("tense")
    found, expected = (search(tiny_space, library, each) for each in ("Tense", f"{valence},{arousal}"))
    assert found == expected


def test_several_pictures_are_their_mean(tiny_space, library):
    pictures = [noise(seed) for seed in range(3)]
    vectors = tiny_space.encode(pictures)
    mean = vectors.mean(axis=0) / np.linalg.norm(vectors.mean(axis=0))
    expected = search(tiny_space, library, PictureTarget.of(tiny_space, mean))
    found = search(tiny_space, library, pictures)
    assert [result.path for result in found] == [result.path for result in expected]
    assert [result.score for result in found] == pytest.approx(
        [result.score for result in expected], abs=1e-6
    )


def test_several_feelings_are_their_mean(tiny_space, library):
    found = search(tiny_space, library, ["0.2,0.4", "0.6,0.6"])
    assert [r.path for r in found] == [r.path for r in search(tiny_space, library, "0.4,0.5")]


def test_a_picture_and_a_feeling_have_no_mean(tiny_space, library, picture):
    with pytest.raises(ValueError, match="mean"):
        search(tiny_space, library, [picture, "calm"])


def test_clip_is_the_best_passage(tiny_space, library, files):
    found = search(tiny_space, library, "0.9,0.9", k=12, clip=2)
    assert {result.length for result in found} == {2.0}
    by_path = {result.path: result for result in found}
    for path in files:
        windows = tiny_space.encode([path], windows=True)[0]
        va = tiny_space.predict_va_from_vectors(windows.vectors, "music")
        scores = np.exp(-np.linalg.norm(va - 0.9, axis=1) / tiny_space.config.sigma)
        assert by_path[path].start == np.argmax(np.convolve(scores, [0.5, 0.5], "valid"))


@pytest.mark.parametrize("clip", [0, -1, float("nan"), float("inf")])
def test_clip_must_be_a_length(tiny_space, library, clip):
    with pytest.raises(ValueError, match="clip"):
        search(tiny_space, library, "calm", clip=clip)


def test_diverse_results_differ_more(tiny_space, library, files):
    def redundancy(results):
        vectors = tiny_space.encode([result.path for result in results])
        return (vectors @ vectors.T)[np.triu_indices(4, 1)].mean()

    plain, diverse = (search(tiny_space, library, files[0], 4, diverse=each) for each in (False, True))
    assert diverse[0] == plain[0]
    assert redundancy(diverse) < redundancy(plain)
    assert [result.rank for result in diverse] == [1, 2, 3, 4]


def test_explanation_is_the_way_from_query_to_track(tiny_space, library, files, picture):
    vector, at = tiny_space.encode(picture), tiny_space.predict_va(picture)
    tracks = dict(zip(files, tiny_space.encode(files), strict=True))
    for result in search(tiny_space, library, picture, explained=True):
        assert result.explanation.valence == pytest.approx(result.valence - at[0], abs=1e-5)
        assert result.explanation.arousal == pytest.approx(result.arousal - at[1], abs=1e-5)
        assert 0 < result.explanation.rest <= np.linalg.norm(tracks[result.path] - vector) + 1e-6
        windows = tiny_space.encode(result.path, windows=True)
        expected = tiny_space.similarity(vector[None], windows.vectors)[0]
        assert [score for _, score in result.moments] == pytest.approx(expected.tolist(), abs=1e-4)
        assert [second for second, _ in result.moments] == windows.starts.tolist()
    assert search(tiny_space, library, picture, 1)[0].moments == ()
    own = search(tiny_space, library, files[0], 1, explained=True)[0].explanation
    assert (own.valence, own.arousal, own.rest) == pytest.approx((0, 0, 0), abs=1e-4)
    assert search(tiny_space, library, "calm", 1, explained=True)[0].explanation.rest is None


def test_rest_is_what_leaves_the_predictions_as_they_are(tiny_space, files):
    """A step along the part outside the gradients changes predictions far less than the step inside."""
    from va_space.retrieval.difference import _gradients, _outside

    query, track = tiny_space.encode(files[:2])
    gradients = _gradients(tiny_space, query[None], "music")[0]
    near = np.float32(1e-3)
    for direction in gradients:
        step = direction / np.linalg.norm(direction)
        slope = (predicted(tiny_space, query + near * step) - predicted(tiny_space, query - near * step)) / (
            2 * near
        )
        np.testing.assert_allclose(slope, gradients @ step, atol=5e-3)
    assert _outside(gradients[0], gradients) == pytest.approx(0, abs=1e-5)
    assert _outside(track, np.zeros((2, len(track)), np.float32)) == pytest.approx(1, abs=1e-5)


def predicted(space, vector):
    return space.predict_va_from_vectors(vector[None], "music")[0]


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (Filters(), range(12)),
        (Filters(exclude=["Live"]), range(6)),
        (Filters(exclude=["live/*", "*03*"]), [0, 1, 2, 4, 5]),
        (Filters(exclude=["00.wav", "Live/06.wav"]), [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]),
        (Filters(exclude=["it's not there"]), range(12)),
        (Filters(min_duration=3.5), [2, 5, 8, 11]),
        (Filters(where="duration > 2.5 AND title < '05'"), [1, 2, 4]),
        (Filters(where="title = '01' OR title = '02'", exclude=["02.wav"]), [1]),
        (Filters(genre=["jazz"], exclude=["live"]), range(0, 12, 2)),
        (Filters(genre=["jazz", "ROCK"]), range(12)),
        (Filters(genre=["jazz"], where="duration < 3"), [0, 6]),
        (Filters(genre=["polka's"]), []),
    ],
)
@pytest.mark.parametrize("query", ["calm", "picture"])
def test_filters(tiny_space, library, files, picture, query, filters, kept):
    found = search(tiny_space, library, picture if query == "picture" else query, 12, filters=filters)
    assert {result.path for result in found} == {files[number] for number in kept}


def test_files_are_excluded_by_their_own_path(tiny_space, library, files, music):
    filters = Filters(exclude=[files[0], str(music / "Live"), music.parent])
    assert search(tiny_space, library, "calm", 12, filters=filters) == search(
        tiny_space, library, "calm", 12, filters=Filters(exclude=[files[0], "Live"])
    )


def test_condition_that_cannot_be_understood(tiny_space, library):
    with pytest.raises(LibraryError, match="beauty"):
        search(tiny_space, library, "calm", filters=Filters(where="beauty > 3"))


def test_k_larger_than_the_library(tiny_space, library, picture):
    assert len(search(tiny_space, library, picture, k=500)) == 12


def test_empty_library_has_no_results(tiny_space, picture, tmp_path):
    library = MusicLibrary.create(tmp_path, model=tiny_space.fingerprint, dimension=512, root=tmp_path)
    assert search(tiny_space, library, picture, explained=True) == []
    assert search(tiny_space, library, "0.5,0.5", diverse=True) == []


def test_another_model_is_refused(tiny_space, library, picture):
    other = VASpace(copy.deepcopy(tiny_space.model), fingerprint="other", device="cpu", precision="fp32")
    for query in (picture, "0.5,0.5"):
        with pytest.raises(LibraryError, match=r"another model.*va-space index"):
            search(other, library, query)


def test_unreadable_query_is_an_error(tiny_space, library, tmp_path):
    with pytest.raises(MediaError, match="no such file"):
        search(tiny_space, library, tmp_path / "nothing.jpg")
    with pytest.raises(MediaError, match="do you mean serene"):
        search(tiny_space, library, "sereen")


def test_queries_keep_their_order_and_their_failures(tiny_space, files, picture):
    queries = read_targets(tiny_space, [files[0], "calm", "nothing.jpg", picture])
    assert [each.modality for each in queries[:2]] == ["music", None]
    assert isinstance(queries[2], Failure)
    assert queries[3].modality == "picture"
    assert queries[0].name == "00.wav"
    np.testing.assert_allclose(queries[0].point, tiny_space.predict_va(files[0]), atol=1e-5)


def test_calibrated_uncertainty_is_on_results(tiny_space, library, files):
    calibrated = VASpace(copy.deepcopy(tiny_space.model), device="cpu", precision="fp32")
    assert {result.valence_std for result in search(tiny_space, library, files[0])} == {None}
    calibrated.model.music_va.deviation.copy_(calibrated.model.music_va.deviation.new_tensor([0.1, 0.2]))
    result = search(calibrated, library, files[0])[0]
    assert (result.valence_std, result.arousal_std) == pytest.approx((0.1, 0.2))
    np.testing.assert_allclose(read_target(calibrated, files[0]).std, [0.1, 0.2])
