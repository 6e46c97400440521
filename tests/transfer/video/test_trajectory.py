"""Latents over time: styles of a picture, and how they follow the music."""

import numpy as np
import pytest
import torch

from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.video.course import Course, point_of, scores_of
from va_space.transfer.video.scenes import Span, spans_of
from va_space.transfer.video.style_map import RADIUS, StyleMap, find_styles
from va_space.transfer.video.timeline import Timeline
from va_space.transfer.video.trajectory import Keyframes, follow

pytest.importorskip("scipy", reason="needs scipy")

FOUR = np.arange(4) * np.pi / 2


def timeline_of(va, sections=(0.0,), widths=(), seconds=None):
    """One window a second, of given valence and arousal."""
    points = np.asarray(va, np.float32)
    times = np.arange(len(points)) + 0.5
    vectors = np.ones((len(points), 4), np.float32) / 2
    return Timeline(
        times, vectors, points, np.array(sections), float(seconds or len(points)), np.array(widths)
    )


def course_of(scores, **options):
    """A course of given normal scores, one a second, that are not stretched."""
    scores = np.asarray(scores, np.float64)
    timeline = timeline_of(0.5 + 0.1 * scores, **options)
    own = timeline.section_at(timeline.times)
    means = np.stack([scores[own == number].mean(axis=0) for number in range(len(timeline.sections))])
    return Course(timeline, means, means, scores)


@pytest.fixture
def styles():
    """Styles right, up, left and down, each a unit vector."""
    return StyleMap(torch.zeros(4), FOUR, torch.eye(4))


def test_styles_are_met_in_their_directions_and_the_origin_in_the_middle(styles):
    ways = np.stack([np.cos(FOUR), np.sin(FOUR)], axis=1)
    torch.testing.assert_close(styles.at(RADIUS * ways), torch.eye(4), atol=1e-6, rtol=0)
    torch.testing.assert_close(styles.at(0.3 * RADIUS * ways), 0.3 * torch.eye(4), atol=1e-6, rtol=0)
    assert (styles.at([(0, 0)]) == 0).all()
    torch.testing.assert_close(styles.at(9 * ways), torch.eye(4), atol=1e-6, rtol=0)  # not beyond
    half = styles.at([(RADIUS / 2**0.5, -RADIUS / 2**0.5)])
    torch.testing.assert_close(half, torch.tensor([[0.5, 0, 0, 0.5]]), atol=1e-6, rtol=0)


def test_styles_are_continuous_all_around(styles):
    angle = np.linspace(-0.01, 2 * np.pi + 0.01, 2000)
    found = styles.at(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    assert (found[1:] - found[:-1]).norm(dim=1).max() < 0.01
    moved = styles.at(np.stack([np.linspace(-2, 2, 500), np.full(500, 0.01)], axis=1))
    assert (moved[1:] - moved[:-1]).norm(dim=1).max() < 0.05


def test_a_single_direction_holds_for_all():
    one = StyleMap(torch.zeros(2), np.array([1.0]), torch.ones(1, 2))
    torch.testing.assert_close(one.at([(RADIUS, 0), (0, -RADIUS / 2)]), torch.tensor([[1.0, 1], [0.5, 0.5]]))


@pytest.fixture(scope="module")
def generator():
    return GradeGenerator(torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0)))


def test_found_styles_differ_and_grow_with_strength(tiny_space, generator):
    va = tiny_space.predict_va(generator.picture[0])
    found = [
        find_styles(
            tiny_space, generator, va, "photograph", directions=(0, np.pi), strength=strength, steps=8
        )
        for strength in (0, 0.4, 0.9)
    ]
    sizes = [float((each.styles - each.origin).flatten(1).norm(dim=1).mean()) for each in found]
    assert sizes[0] == 0
    assert sizes[0] < sizes[1] < sizes[2]
    assert (found[2].styles[0] - found[2].styles[1]).norm() > 0.1
    with pytest.raises(ValueError, match="direction"):
        find_styles(tiny_space, generator, va, "photograph", directions=())


def test_scores_and_points_are_inverse(tiny_space):
    scores = np.array([[0.5, -1.0], [0.0, 0.0]])
    points = point_of(tiny_space, scores, "photograph")
    np.testing.assert_allclose(scores_of(tiny_space, points, "photograph"), scores, atol=1e-9)
    np.testing.assert_allclose(points[1], 0.5)


def test_sections_are_stretched_about_their_mean(tiny_space):
    rng = np.random.default_rng(0)
    vectors = np.repeat(rng.normal(size=(2, 512)), [6, 4], axis=0).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    va = tiny_space.predict_va_from_vectors(vectors, "music")
    timeline = Timeline(np.arange(10) + 0.5, vectors, va, np.array([0.0, 6.0]), 10.0)
    course = Course.of(tiny_space, timeline)
    away = course.sections - course.sections.mean(axis=0)
    longer = course.stretched - course.stretched.mean(axis=0)
    factor = np.linalg.norm(longer) / np.linalg.norm(away)
    assert 1 < factor <= 3 + 1e-9
    np.testing.assert_allclose(longer, factor * away, atol=1e-9)
    weights = [6, 4]
    np.testing.assert_allclose(
        np.average(course.stretched, axis=0, weights=weights),
        np.average(course.sections, axis=0, weights=weights),
    )
    # Windows move with their sections, and change at once between them.
    np.testing.assert_allclose(course.at([1, 8]), course.stretched, atol=1e-6)
    np.testing.assert_allclose(course.at([5.99, 6.01]), course.stretched, atol=1e-6)
    cut = course.until(5)
    assert len(cut.stretched) == 1
    np.testing.assert_allclose(cut.at([1]), course.at([1]))


def test_music_of_one_section_is_not_stretched(tiny_space):
    vectors = np.random.default_rng(0).normal(size=(5, 512)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    va = tiny_space.predict_va_from_vectors(vectors, "music")
    course = Course.of(tiny_space, Timeline(np.arange(5) + 0.5, vectors, va, np.zeros(1), 5.0))
    np.testing.assert_allclose(course.at(course.timeline.times), scores_of(tiny_space, va, "recording"))


def test_a_sudden_change_is_over_when_the_section_begins(styles):
    scores = np.repeat([(RADIUS, 0.0), (0.0, RADIUS)], 6, axis=0)
    course = course_of(scores, sections=(0.0, 6.0), widths=(0.0, 0.0))
    spans = spans_of(course.timeline)
    keyframes = follow(course, spans, [styles] * 2)
    before, after = keyframes.at([5.998, 6.0])
    torch.testing.assert_close(before, torch.eye(4)[0])
    torch.testing.assert_close(after, torch.eye(4)[1])
    assert (np.diff(keyframes.times) > 0).all()
    assert keyframes.times[0] == 0


def test_a_slow_change_has_its_middle_there(styles):
    scores = np.repeat([(RADIUS, 0.0), (0.0, RADIUS)], 6, axis=0)
    course = course_of(scores, sections=(0.0, 6.0), widths=(0.0, 2.0))
    keyframes = follow(course, spans_of(course.timeline), [styles] * 2)
    way = keyframes.at([4.9, 6.0, 7.1])[:, 1]
    torch.testing.assert_close(way, torch.tensor([0.0, 0.5, 1.0]), atol=0.02, rtol=0)


def test_calm_music_stays_calm_and_neutral_music_leaves_the_picture(styles):
    noisy = 0.02 * np.random.default_rng(0).normal(size=(20, 2))
    calm = follow(course_of(np.add(noisy, (0.5, -1.2))), [Span(0, 20, 0)], [styles])
    frames = calm.at(np.arange(0, 20, 0.04))
    assert (frames[1:] - frames[:-1]).norm(dim=1).max() < 0.005
    assert frames.norm(dim=1).min() > 0.5
    neutral = follow(course_of(noisy), [Span(0, 20, 0)], [styles])
    assert neutral.latents.norm(dim=1).max() < 0.1


def test_each_shot_has_its_own_styles(styles):
    course = course_of(np.repeat([(RADIUS, 0.0)], 10, axis=0))
    spans = spans_of(course.timeline, [4.0])
    other = StyleMap(torch.zeros(4), FOUR, -torch.eye(4))
    keyframes = follow(course, spans, [styles, other])
    torch.testing.assert_close(keyframes.at([3.99, 4.0])[:, 0], torch.tensor([1.0, -1.0]))
    with pytest.raises(ValueError, match="a map of styles for each"):
        follow(course, spans, [styles])


def test_spans_are_parted_by_the_music_and_the_picture():
    timeline = timeline_of(np.zeros((30, 2)), sections=(0.0, 10.0, 20.0), widths=(0, 2.0, 0))
    found = spans_of(timeline, [0.2, 5.0, 10.15, 20.7, 29.9])
    # A border of the music within .2 s moves to the cut and is sudden; cuts at the ends are none.
    assert [span.start for span in found] == [0, 5, 10.15, 20, 20.7]
    assert [span.end for span in found] == [5, 10.15, 20, 20.7, 30]
    assert [span.section for span in found] == [0, 0, 1, 2, 2]
    assert [span.shot for span in found] == [0, 1, 2, 2, 3]
    assert all(span.width == 0 for span in found)
    alone = spans_of(timeline)
    assert [(span.start, span.width) for span in alone] == [(0, 0), (10, 2), (20, 0)]
    # A shot that is shorter than a transition shortens it.
    assert spans_of(timeline, [9.2])[2].width == pytest.approx(0.8)


def test_keyframes_are_met_and_never_overshot():
    latents = torch.randn(6, 2, 3, generator=torch.Generator().manual_seed(0))
    keyframes = Keyframes(np.linspace(0, 10, 6), latents)
    torch.testing.assert_close(keyframes.at(keyframes.times), latents)
    between = keyframes.at(np.linspace(0, 10, 501))
    steps = (latents[1:] - latents[:-1]).abs().sum(dim=0)
    torch.testing.assert_close((between[1:] - between[:-1]).abs().sum(dim=0), steps)
    torch.testing.assert_close(keyframes.at([-5, 99]), latents[[0, -1]])
    assert keyframes.at(3.3).shape == (1, 2, 3)
    single = Keyframes(np.zeros(1), latents[:1])
    torch.testing.assert_close(single.at([0, 7]), latents[[0, 0]])
