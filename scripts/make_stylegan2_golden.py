"""Makes the arrays that tests compare StyleGAN2 with: ``python scripts/make_stylegan2_golden.py``.

Small random networks, and what this project's own implementation makes of them. To be run only with an
implementation that agrees with the reference's arrays (tests/networks/stylegan2/test_generator.py says so
where it finds them); the arrays then hold that agreement wherever the reference's are not at hand.
"""

from pathlib import Path

import numpy as np
import torch

from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.files import save_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2

FOLDER = Path(__file__).parent.parent / "tests" / "golden" / "stylegan2"
SIZES = {"z_dim": 8, "w_dim": 16, "mapping_layers": 2, "channel_base": 128, "channel_max": 8}
NETWORKS = {
    "skip": StyleGAN2Config(resolution=32, **SIZES),
    "resnet": StyleGAN2Config(resolution=16, architecture="resnet", **SIZES),
    "conditional-clamped": StyleGAN2Config(resolution=16, c_dim=3, conv_clamp=1.0, **SIZES),
}


def make(name: str, config: StyleGAN2Config) -> None:
    """Write a network and its arrays."""
    random = torch.Generator().manual_seed(len(name))
    network = StyleGAN2(config).requires_grad_(False).eval()
    for key, value in network.state_dict().items():
        if not key.endswith("resample_filter"):
            value.copy_(torch.randn(value.shape, generator=random) * (1.0 if value.ndim > 1 else 0.3))
    z = torch.randn(3, config.z_dim, generator=random)
    c = torch.eye(3)[:, : config.c_dim]
    arrays = {
        "z": z,
        "c": c,
        "ws_psi1": network.mapping(z, c),
        "ws_psi07": network.mapping(z, c, truncation=0.7),
        "image_const_psi07": network(z, c, truncation=0.7, noise="const"),
        "image_nonoise_psi1": network(z, c, noise="none"),
    }
    save_stylegan2(network, FOLDER / f"{name}.safetensors")
    np.savez_compressed(FOLDER / f"{name}.npz", **{key: value.numpy() for key, value in arrays.items()})


if __name__ == "__main__":
    for each in NETWORKS.items():
        make(*each)
