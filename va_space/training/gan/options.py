"""Everything that decides how a generator is trained."""

from dataclasses import asdict, dataclass
from typing import Any

from va_space.errors import ConfigError
from va_space.networks.stylegan2.config import StyleGAN2Config


@dataclass(frozen=True)
class GeneratorOptions:
    """Options of a training.

    Attributes:
        resolution: Side of the pictures: 8, 16, 32, ...
        kimg: Thousands of real pictures that the discriminator sees in all.
        batch_size: Pictures a step, over all processes together.
        latent: Numbers of z and of w.
        mapping_layers: Layers from z to w.
        channel_base: A layer has channel_base / resolution channels,
        channel_max: but at most so many.
        learning_rate: Of both networks (Adam with betas 0 and 0.99).
        gradient_weight: Weight of R1; 0 for 0.0002 resolution² / batch_size.
        gradient_every: Steps from one R1 to the next.
        path_weight: Weight of path-length regularisation; 0 for none.
        path_every: Steps from one path-length regularisation to the next.
        augment: Whether the discriminator's pictures are augmented adaptively.
        augment_target: Wanted mean sign of the discriminator's numbers for real pictures.
        augment_kimg: Thousands of pictures in which the probability may go from 0 to 1.
        mirror: Whether pictures are also shown mirrored.
        average_kimg: Half-life of the weights' running average, in thousands of pictures.
        snapshot_kimg: Thousands of pictures from one sample sheet and checkpoint to the next.
        seed: Of all randomness.
    """

    resolution: int = 64
    kimg: float = 1000.0
    batch_size: int = 16
    latent: int = 256
    mapping_layers: int = 2
    channel_base: int = 8192
    channel_max: int = 256
    learning_rate: float = 0.0025
    gradient_weight: float = 0.0
    gradient_every: int = 16
    path_weight: float = 2.0
    path_every: int = 4
    augment: bool = True
    augment_target: float = 0.6
    augment_kimg: float = 100.0
    mirror: bool = True
    average_kimg: float = 10.0
    snapshot_kimg: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("kimg", "learning_rate", "augment_kimg", "average_kimg", "snapshot_kimg"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be more than 0, not {getattr(self, name)}")
        for name in ("gradient_every", "path_every"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.batch_size < 2:
            raise ConfigError(
                f"a batch of {self.batch_size} is too small: the discriminator compares pictures"
            )

    @property
    def steps(self) -> int:
        """Steps in all."""
        return max(1, round(self.kimg * 1000 / self.batch_size))

    @property
    def snapshot_every(self) -> int:
        """Steps from one snapshot to the next."""
        return max(1, round(self.snapshot_kimg * 1000 / self.batch_size))

    @property
    def r1(self) -> float:
        """Weight of R1: as given, or Karras et al.'s rule for small and large pictures."""
        return self.gradient_weight or 0.0002 * self.resolution**2 / self.batch_size

    @property
    def config(self) -> StyleGAN2Config:
        """Construction arguments of the generator."""
        return StyleGAN2Config(
            resolution=self.resolution,
            z_dim=self.latent,
            w_dim=self.latent,
            mapping_layers=self.mapping_layers,
            channel_base=self.channel_base,
            channel_max=self.channel_max,
            w_avg_decay=0.995,
        )

    def identity(self) -> dict[str, Any]:
        """What must agree between a run and its continuation: all but the length."""
        values = asdict(self)
        for name in ("kimg", "snapshot_kimg"):
            values.pop(name)
        return values
