"""Networks between sounds and pictures."""

import pytest
import torch

from va_space.networks.crossmodal import Discriminator, Encoder, Generator, widths


def test_channels_double_and_stop():
    assert widths(8, 4) == [4]
    assert widths(256, 4) == [4, 8, 16, 32, 32, 32]


@pytest.mark.parametrize("size", [0, 4, 12, 63])
def test_other_sides_are_refused(size):
    with pytest.raises(ValueError, match="8, 16, 32"):
        widths(size, 4)


@pytest.mark.parametrize("channels", [1, 3])
def test_shapes_and_gradients(channels):
    torch.manual_seed(0)
    encoder = Encoder(4 - channels, 16, classes=3, features=6, channels=4)
    generator = Generator(channels, 16, condition=6, latent=5, channels=4)
    discriminator = Discriminator(channels, 16, condition=6, classes=3, channels=4)
    condition = encoder(torch.randn(4, 4 - channels, 16, 16))
    assert condition.shape == (4, 6)
    torch.testing.assert_close(condition.square().mean(dim=1), torch.ones(4))
    made = generator(torch.randn(4, 5), condition)
    assert made.shape == (4, channels, 16, 16)
    assert made.abs().max() <= 1
    features = discriminator(made)
    total = discriminator.judge(features, condition).sum() + discriminator.classes(features).sum()
    (total + encoder.classes(condition).sum()).backward()
    for network in (encoder, generator, discriminator):
        assert all(each.grad is not None and each.grad.isfinite().all() for each in network.parameters())


def test_noise_and_condition_each_change_what_is_made():
    torch.manual_seed(0)
    network = Generator(3, 16, condition=6, latent=5, channels=4).eval()
    z, condition = torch.randn(1, 5), torch.randn(1, 6)
    made = network(z, condition)
    assert (network(z + 1, condition) - made).abs().max() > 1e-3
    assert (network(z, -condition) - made).abs().max() > 1e-3


def test_a_pair_is_judged_by_both_of_its_parts():
    torch.manual_seed(0)
    network = Discriminator(3, 16, condition=6, classes=3, channels=4)
    features, condition = network(torch.randn(2, 3, 16, 16)), torch.randn(2, 6)
    fits = (features * network.project(condition)).sum(dim=1) / features.shape[1] ** 0.5
    torch.testing.assert_close(network.judge(features, condition), network.real(features)[:, 0] + fits)
    assert not torch.allclose(network.judge(features, condition), network.judge(features, -condition))
