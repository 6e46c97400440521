"""Latents that follow music."""

import numpy as np
import pytest
import torch

from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.video.timeline import Timeline
from va_space.transfer.video.trajectory import Keyframes, follow


def timeline_of(space, vectors, seconds, sections=(0.0,)):
    """One window a second."""
    vectors = np.asarray(vectors, np.float32)
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    times = np.arange(len(vectors)) + 0.5
    va = space.predict_va_from_vectors(vectors, "music")
    return Timeline(times, vectors, va, np.array(sections), float(seconds))


@pytest.fixture(scope="module")
def generator():
    return GradeGenerator(torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0)))


@pytest.fixture(scope="module")
def feelings(tiny_space):
    """Two unlike vectors that pictures of this space can come near to."""
    generator = torch.Generator().manual_seed(1)
    dark, light = 0.2 * torch.rand(2, 3, 32, 32, generator=generator) + torch.tensor([0, 0.8]).view(
        2, 1, 1, 1
    )
    return tiny_space.encode([dark, light])


def variation(latents):
    return float((latents[1:] - latents[:-1]).norm(dim=1).sum())


@pytest.fixture(scope="module")
def answered(tiny_space, generator, feelings):
    """Music that feels one way for 7 s, then another way for 7 s; and the same from its end."""
    return [
        follow(
            tiny_space,
            [generator],
            timeline_of(tiny_space, np.repeat(vectors, 7, axis=0), 14, (0, 7)),
            strength=0.9,
            keyframe_seconds=1,
            smoothing_seconds=1,
            steps=12,
        )
        for vectors in (feelings, feelings[::-1])
    ]


@pytest.mark.slow
def test_a_step_in_the_music_is_answered_around_it(answered):
    frames = answered[0].at(np.arange(0, 14, 0.04))
    first, last = frames[0], frames[-1]
    assert (last - first).norm() > 0.1
    way = (frames - first) @ (last - first) / (last - first).square().sum()
    crossing = 0.04 * float(np.searchsorted(np.maximum.accumulate(way.numpy()), 0.5))
    assert crossing == pytest.approx(7, abs=0.5)
    # It neither runs ahead nor lags, goes there directly, and stays.
    assert float(way[: 25 * 3].abs().max()) < 0.05
    assert float((way[25 * 11 :] - 1).abs().max()) < 0.05
    assert variation(frames) < 1.2 * float((last - first).norm())


@pytest.mark.slow
def test_it_follows_the_music_and_not_time(answered):
    # Apart from the middle, where the keyframe on the border belongs to the later section.
    there, back = (keyframes.latents[[0, 1, 2, -3, -2, -1]] for keyframes in answered)
    torch.testing.assert_close(there, back.flip(0), atol=0.02, rtol=0)
    assert (there[0] - back[0]).norm() > 0.1


@pytest.mark.slow
def test_steady_music_does_not_flicker(tiny_space, generator, feelings):
    noise = 0.02 * np.random.default_rng(0).normal(size=(8, feelings.shape[1])) / np.sqrt(feelings.shape[1])
    timeline = timeline_of(tiny_space, feelings[0] + noise, 8, (0, 4))
    found = follow(tiny_space, [generator], timeline, strength=0.9, keyframe_seconds=1, steps=10)
    size = float((found.latents - generator.origin).norm(dim=1).mean())
    assert size > 0.1
    assert variation(found.at(np.arange(0, 8, 0.04))) < 0.2 * size


def test_each_section_has_its_own_picture(tiny_space, feelings):
    dark, light = (
        GradeGenerator(torch.full((3, 32, 32), level) + 0.1 * torch.rand(3, 32, 32)) for level in (0.1, 0.8)
    )
    timeline = timeline_of(tiny_space, np.repeat(feelings[:1], 4, axis=0), 4, (0, 2))
    options = {"strength": 0.9, "keyframe_seconds": 1, "smoothing_seconds": 0, "steps": 8}
    both = follow(tiny_space, [dark, light], timeline, **options).latents
    assert (both[0] - both[-1]).norm() > 10 * (both[0] - both[1]).norm()
    with pytest.raises(ValueError, match="3 generators for 2 sections"):
        follow(tiny_space, [dark] * 3, timeline)


def test_strength_0_changes_nothing(tiny_space, generator, feelings):
    timeline = timeline_of(tiny_space, np.repeat(feelings, 3, axis=0), 6)
    found = follow(tiny_space, [generator], timeline, strength=0, steps=8)
    assert (found.latents == generator.origin).all()


def test_progress_ends_at_the_whole(tiny_space, generator, feelings):
    timeline = timeline_of(tiny_space, np.repeat(feelings, 3, axis=0), 6, (0, 3))
    seen = []
    follow(
        tiny_space, [generator], timeline, steps=4, progress=lambda done, total: seen.append((done, total))
    )
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


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
