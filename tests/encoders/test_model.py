"""The picture encoder's test-time augmentation."""

import pytest
import torch
from torch.nn import functional

from va_space.encoders.model import PictureEncoder
from va_space.errors import ConfigError
from va_space.media.settings import PictureSettings


def encoder(*scales: float) -> PictureEncoder:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return PictureEncoder("mobilenet_v1_x025", 16, PictureSettings(size=64, tta_scales=scales)).eval()


@torch.no_grad()
def test_features_are_the_mean_over_sizes_and_mirror_images():
    pictures = torch.rand(3, 3, 64, 64)
    once = encoder()
    small = functional.interpolate(pictures, size=(48, 48), mode="bilinear")
    views = [once.features(view) for view in (pictures, pictures.flip(3), small, small.flip(3))]
    torch.testing.assert_close(encoder(1.0, 0.75).features(pictures), sum(views) / 4)


@torch.no_grad()
def test_a_mirrored_picture_is_the_same_picture():
    pictures = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(encoder(1.0)(pictures), encoder(1.0)(pictures.flip(3)))


@pytest.mark.parametrize("scale", [0.0, -0.5, 1.5])
def test_a_scale_is_a_share_of_the_size(scale):
    with pytest.raises(ConfigError, match="tta_scales"):
        PictureSettings(tta_scales=(1.0, scale))


def test_single_views_average_to_the_features():
    augmenting = encoder(1.0, 0.75)
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        views = [
            augmenting.forward_single_view(shown, view)
            for view in range(2)
            for shown in (pictures, pictures.flip(3))
        ]
        assert torch.allclose(torch.stack(views).mean(dim=0), augmenting.features(pictures), atol=1e-5)
        assert torch.equal(augmenting.forward_single_view(pictures, 3), views[2])
        once = encoder()
        assert torch.equal(once.forward_single_view(pictures, 1), once.features(pictures))
