"""Texts as targets and queries: what is read as one, and what searches with it."""

import copy
from pathlib import Path

import numpy as np
import pytest

from va_space.emotion.reference import Distribution, Reference
from va_space.errors import MediaError
from va_space.retrieval.index import index
from va_space.retrieval.relative import RelativeTarget, compare, standing_of
from va_space.retrieval.search import search
from va_space.space import Failure, VASpace
from va_space.targets import FeelingTarget, Text, TextTarget, is_file, problem_of, read_target, read_targets

TEXT = "a quiet evening after the funeral"


@pytest.mark.parametrize("text", [TEXT, "We won!", "He left. She stayed.", "no. 5 was fine", "ערב שקט"])
def test_what_has_a_space_is_a_text(text):
    assert TextTarget.accepts(text)
    assert not is_file(text)
    assert problem_of(text) is None


@pytest.mark.parametrize(
    "text", ["my song.mp3", "old pictures/", "folder of/music", "c:\\my music", "a b.html5"]
)
def test_what_has_an_ending_or_a_separator_is_a_file(text):
    assert not TextTarget.accepts(text)
    assert problem_of(text) == "no such file; a text with such signs needs --text"


def test_what_is_there_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert TextTarget.accepts("my music")
    Path("my music").mkdir()
    assert not TextTarget.accepts("my music")
    assert TextTarget.accepts(Text("my music"))


def test_one_word_is_a_feeling_or_unknown_but_for_a_text():
    assert not TextTarget.accepts("funeral")
    assert "no known word of feeling" in problem_of("funeral")
    assert "do you mean calm" in problem_of("calmm")
    assert problem_of(Text("funeral")) is None


def test_a_word_of_feeling_with_a_space_stays_one(text_space):
    assert isinstance(read_target(text_space, "at ease"), FeelingTarget)
    assert isinstance(read_target(text_space, Text("calm")), TextTarget)
    assert isinstance(read_target(text_space, Text("0.5,0.5")), TextTarget)


def test_other_sources_are_no_texts():
    assert not TextTarget.accepts(Path("a b"))
    assert not TextTarget.accepts(np.zeros((8, 8, 3), np.uint8))
    assert not TextTarget.accepts("x " * 40_000 + ".jpg")
    assert TextTarget.accepts("x " * 40_000)  # too long for a name
    assert TextTarget.accepts("a\0 b")


def test_a_text_is_its_vector_and_what_it_is_predicted_to_feel_like(text_space):
    target = read_target(text_space, TEXT)
    assert isinstance(target, TextTarget)
    assert (target.name, target.stem, target.kind, target.source) == (TEXT, TEXT, "text", TEXT)
    np.testing.assert_allclose(target.vector, text_space.encode_text(TEXT), atol=1e-6)
    np.testing.assert_allclose(target.point, text_space.predict_va(text=TEXT), atol=1e-6)


def test_names_of_texts_are_short_and_printable(text_space):
    target = read_target(text_space, "a quiet\nevening\x1b[31m " * 20)
    assert len(target.name) <= 60
    assert target.name.isprintable()
    assert read_target(text_space, "He left. She stayed.").stem == "He left. She stayed."


def test_what_is_not_known_is_kept(text_space):
    assert "1 of 3 words or signs are not known" in read_target(text_space, "we won 😀").notes[0]
    both = read_target(text_space, ["we won 😀", "the evening 😀 we won"])
    assert len(both.notes) == 2


def test_empty_texts_are_failures(text_space):
    good, bad = read_targets(text_space, [TEXT, Text(" ")])
    assert isinstance(good, TextTarget)
    assert isinstance(bad, Failure)
    with pytest.raises(MediaError, match="says nothing"):
        read_target(text_space, Text(""))


def test_the_mean_of_texts(text_space):
    first, second = (read_target(text_space, text) for text in (TEXT, "we won the evening"))
    mean = read_target(text_space, [TEXT, "we won the evening"])
    together = first.vector + second.vector
    np.testing.assert_allclose(mean.vector, together / np.linalg.norm(together), atol=1e-5)
    with pytest.raises(ValueError, match="only texts"):
        read_target(text_space, [TEXT, "calm"])


@pytest.fixture(scope="module")
def relative_space(text_space):
    """The same with reference distributions of music."""
    model = copy.deepcopy(text_space.model)
    points = np.random.default_rng(0).uniform(0.3, 0.7, (100, 2))
    model.reference = Reference({"recording": Distribution.of(points)}, {})
    return VASpace(
        model,
        fingerprint=text_space.fingerprint,
        text=text_space._text_folder,
        device="cpu",
        precision="fp32",
    )


@pytest.fixture(scope="module")
def library(text_space, files, tmp_path_factory):
    return index(text_space, files[:6], tmp_path_factory.mktemp("found") / "library").library


def test_scores_are_cosines(text_space, library):
    target = read_target(text_space, TEXT)
    found = search(text_space, library, target, 6, scale="absolute")
    vectors = text_space.encode([result.path for result in found])
    scores = target.scores(text_space, vectors, np.zeros((6, 2), np.float32))
    np.testing.assert_allclose(scores, np.clip(vectors @ target.vector, 0, 1), atol=1e-6)
    assert [result.cosine for result in found] == pytest.approx(list(vectors @ target.vector), abs=1e-2)
    assert [result.score for result in found] == sorted((result.score for result in found), reverse=True)
    nearest = target.candidates(library, 2)
    assert len(nearest) == 2


def test_texts_are_compared_by_where_they_stand_among_texts(relative_space, library):
    target = read_target(relative_space, TEXT)
    comparison = compare(relative_space, library, target)
    assert isinstance(comparison.ranking, RelativeTarget)
    expected = relative_space.distribution("text").percentile(target.point)
    np.testing.assert_allclose(comparison.standing, expected)
    assert standing_of(relative_space, target).split("% of ")[1].startswith("texts")
    # What a picture is does not concern a text.
    again = compare(relative_space, library, target, kind="painting")
    np.testing.assert_allclose(again.standing, expected)
