"""The picture encoder's looks."""

import pytest
import torch
from torch.nn import functional

from va_space.encoders.model import PictureEncoder
from va_space.errors import ConfigError
from va_space.media.settings import PictureSettings


def encoder(*looks: float) -> PictureEncoder:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return PictureEncoder("mobilenet_v1_x025", 16, PictureSettings(size=64, looks=looks)).eval()


@torch.no_grad()
def test_looks_are_the_mean_over_sizes_and_mirror_images():
    pictures = torch.rand(3, 3, 64, 64)
    once = encoder()
    small = functional.interpolate(pictures, size=(48, 48), mode="bilinear")
    seen = [once.features(look) for look in (pictures, pictures.flip(3), small, small.flip(3))]
    torch.testing.assert_close(encoder(1.0, 0.75).features(pictures), sum(seen) / 4)


@torch.no_grad()
def test_a_mirrored_picture_is_the_same_picture():
    pictures = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(encoder(1.0)(pictures), encoder(1.0)(pictures.flip(3)))


@pytest.mark.parametrize("look", [0.0, -0.5, 1.5])
def test_a_look_is_a_share_of_the_size(look):
    with pytest.raises(ConfigError, match="looks"):
        PictureSettings(looks=(1.0, look))


def test_glances_are_single_looks():
    looking = encoder(1.0, 0.75)
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        seen = [looking.glance(shown, look) for look in range(2) for shown in (pictures, pictures.flip(3))]
        assert torch.allclose(torch.stack(seen).mean(dim=0), looking.features(pictures), atol=1e-5)
        assert torch.equal(looking.glance(pictures, 3), seen[2])
        once = encoder()
        assert torch.equal(once.glance(pictures, 1), once.features(pictures))
