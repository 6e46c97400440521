import pytest
import torch

from va_space.errors import ConfigError
from va_space.networks.backbones import make_backbone
from va_space.networks.emotion import RowAttention, map_rows


@pytest.mark.parametrize(
    ("name", "stages", "channels"),
    [
        ("resnet18", 1, 512),
        ("resnet18", 2, 768),
        ("efficientnet-lite:0", 3, 624),
        ("mobilenet_v1_x025", 1, 256),
        ("timm:resnet10t", 2, 768),
    ],
)
def test_rows_are_means_along_each_row_of_the_map(name, stages, channels):
    network = make_backbone(name).eval()
    pictures = torch.randn(2, 3, 96, 64)
    with torch.no_grad():
        rows = map_rows(network, pictures, stages)
        maps = network.maps(pictures)
        pooled = network.stages(pictures)
    assert rows.shape == (2, 3, channels)
    last = maps[-1].shape[1]
    torch.testing.assert_close(rows[..., -last:], maps[-1].mean(dim=3).transpose(1, 2))
    for one, mean in zip(maps, pooled, strict=True):
        torch.testing.assert_close(one.mean(dim=(2, 3)), mean)


def test_a_network_of_sound_has_none():
    with pytest.raises(ConfigError, match="no feature maps"):
        make_backbone("two-branch", 2).maps(torch.zeros(1, 2, 96, 64))


def test_the_order_of_rows_counts():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        head = RowAttention(8, 3).eval()
        rows = torch.randn(4, 5, 8)
    scores = head(rows)
    assert scores.shape == (4, 3)
    assert not torch.allclose(scores, head(rows.flip(1)))
    assert not torch.allclose(scores, head(rows * torch.tensor([1.0, 1, 1, 1, 0])[:, None]))
