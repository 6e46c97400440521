"""Augmentation draws from its generator alone and keeps shapes and meaning."""

import torch

from va_space.training.engine.augment import Augmentation, augment_mel, augment_picture, step_rng


def test_same_step_same_result():
    picture = torch.randint(0, 255, (3, 80, 80), dtype=torch.uint8, generator=step_rng(1, 0, 0))
    mel = torch.randn(32, 50, generator=step_rng(1, 0, 0))
    options = Augmentation(erase=0.5, noise=0.5)
    results = []
    for _ in range(2):
        torch.rand(3)  # global chance has no part in it
        generator = step_rng(7, 3, 0)
        results.append(
            (augment_picture(picture, 64, options, generator), augment_mel(mel, options, generator))
        )
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])
    assert results[0][0].shape == (3, 64, 64)
    assert results[0][0].dtype == torch.uint8
    other = augment_picture(picture, 64, options, step_rng(7, 4, 0))
    assert not torch.equal(other, results[0][0])


def test_colours_stay():
    picture = torch.tensor([200, 30, 90], dtype=torch.uint8).view(3, 1, 1).expand(3, 80, 80)
    for step in range(20):
        result = augment_picture(picture, 64, Augmentation(), step_rng(0, step, 0))
        assert (result.float() - picture[:, :64, :64].float()).abs().max() <= 1


def test_a_degraded_picture_has_lost_detail_and_nothing_else():
    checks = torch.arange(80).view(1, -1, 1) + torch.arange(80).view(1, 1, -1)
    picture = (80 + 100 * (checks % 2)).to(torch.uint8).expand(3, 80, 80)
    detail, means = [], []
    for degrade in (0.0, 1.0):
        options = Augmentation(smallest_crop=1.0, degrade=degrade)
        results = [augment_picture(picture, 80, options, step_rng(0, s, 0)).float() for s in range(20)]
        detail.append(sum(result.std() for result in results) / 20)
        means.append(sum(result.mean() for result in results) / 20)
        assert results[0].shape == (3, 80, 80)
    assert detail[1] < 0.7 * detail[0]
    assert abs(means[1] - means[0]) < 2


def test_nothing_is_masked_without_masks():
    mel = torch.randn(32, 50)
    options = Augmentation(time_masks=0, frequency_masks=0, equaliser=0.0, noise=0.0)
    assert torch.equal(augment_mel(mel, options, step_rng(0, 0, 0)), mel)


def test_masks_reach_the_floor_and_leave_most():
    mel = torch.randn(64, 200).abs() + 1
    mel[0, 0] = -5.0
    options = Augmentation(equaliser=0.0, noise=0.0)
    shares = []
    for step in range(50):
        result = augment_mel(mel, options, step_rng(0, step, 0))
        changed = result != mel
        assert (result[changed] == -5.0).all()
        shares.append(float(changed.float().mean()))
    assert 0.05 < sum(shares) / len(shares) < 0.4
