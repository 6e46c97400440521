"""What a StyleGAN2 generator is built from, in our terms and in those of public checkpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from va_space.errors import CheckpointError
from va_space.text import shown

_MAPPING = {
    "num_layers": "mapping_layers",
    "embed_features": "embed_features",
    "layer_features": "layer_features",
    "lr_multiplier": "mapping_learning_rate",
    "w_avg_beta": "w_avg_decay",
}
_SYNTHESIS = {
    "channel_base": "channel_base",
    "channel_max": "channel_max",
    "architecture": "architecture",
    "conv_clamp": "conv_clamp",
}
_TOP = {
    "z_dim": "z_dim",
    "c_dim": "c_dim",
    "w_dim": "w_dim",
    "img_resolution": "resolution",
    "img_channels": "img_channels",
}
# Arguments that change how the reference computes, not what.
_WITHOUT_EFFECT = {
    "num_fp16_res",
    "fp16_channels_last",
    "fused_modconv_default",
    "channels_last",
    "use_fp16",
    "num_ws",
    "class_name",
}
# Arguments whose usual value is built in.
_BUILT_IN = {"activation": "lrelu", "resample_filter": [1, 3, 3, 1], "use_noise": True, "kernel_size": 3}
_NUMBER = (int, float)
# Kinds of value, the least and the most.
_RANGES: dict[str, tuple[Any, float, float]] = {
    "resolution": (int, 8, 2**14),
    "z_dim": (int, 1, 2**16),
    "c_dim": (int, 0, 2**16),
    "w_dim": (int, 1, 2**16),
    "img_channels": (int, 1, 2**10),
    "mapping_layers": (int, 1, 64),
    "embed_features": (int, 1, 2**16),
    "layer_features": (int, 1, 2**16),
    "mapping_learning_rate": (_NUMBER, 1e-6, 1e6),
    "w_avg_decay": (_NUMBER, 0, 1),
    "channel_base": (int, 1, 2**24),
    "channel_max": (int, 1, 2**16),
    "conv_clamp": (_NUMBER, 1e-6, 1e9),
}
_MAY_BE_NONE = ("embed_features", "layer_features", "conv_clamp")


@dataclass(frozen=True)
class StyleGAN2Config:
    """Construction arguments of a generator.

    Attributes:
        resolution: Side of the pictures: 4·2ⁿ.
        z_dim: Normal numbers in.
        c_dim: Numbers of the condition; 0 for an unconditional network.
        w_dim: Numbers of a latent.
        img_channels: Channels of the pictures.
        mapping_layers: Layers of the mapping network.
        embed_features: Numbers that the condition is turned into; None for w_dim.
        layer_features: Width of the mapping network; None for w_dim.
        mapping_learning_rate: Factor on the learning speed of the mapping network.
        w_avg_decay: Of the running mean of w in training.
        channel_base: A layer has channel_base / resolution channels,
        channel_max: but at most so many.
        architecture: "skip" (colours of all blocks are summed), "resnet" (shortcuts), or "orig" (neither).
        conv_clamp: Largest absolute value of a layer's result; None for no limit.
    """

    resolution: int
    z_dim: int = 512
    c_dim: int = 0
    w_dim: int = 512
    img_channels: int = 3
    mapping_layers: int = 8
    embed_features: int | None = None
    layer_features: int | None = None
    mapping_learning_rate: float = 0.01
    w_avg_decay: float = 0.998
    channel_base: int = 32768
    channel_max: int = 512
    architecture: str = "skip"
    conv_clamp: float | None = None

    def __post_init__(self) -> None:
        for name, (kinds, least, most) in _RANGES.items():
            value = getattr(self, name)
            if value is None and name in _MAY_BE_NONE:
                continue
            # Not a number is in no range.
            if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
                raise CheckpointError(
                    f"{name} of a StyleGAN2 network cannot be {shown(value)}, only {least:g} to {most:g}"
                )
        if self.architecture not in ("skip", "resnet", "orig"):
            raise CheckpointError(
                f"architecture {shown(self.architecture)} is not 'skip', 'resnet' or 'orig'"
            )
        if self.resolution & (self.resolution - 1):
            raise CheckpointError(f"a resolution of {self.resolution} is not 8, 16, 32, ...")
        if self.channel_base < self.resolution:
            raise CheckpointError(
                f"a channel_base of {self.channel_base} leaves no channels at {self.resolution}"
            )

    @property
    def resolutions(self) -> list[int]:
        """Sides of the blocks, 4 first."""
        return [2**power for power in range(2, self.resolution.bit_length())]

    @property
    def num_ws(self) -> int:
        """Latents of a picture: one for each layer, and one for the last colours."""
        return 2 * len(self.resolutions)

    def channels(self, resolution: int) -> int:
        """Channels of the block of a resolution."""
        return min(self.channel_base // resolution, self.channel_max)

    @classmethod
    def from_kwargs(cls, kwargs: Mapping[str, Any]) -> "StyleGAN2Config":
        """Read the arguments that public checkpoints were constructed with.

        Args:
            kwargs: z_dim, c_dim, w_dim, img_resolution, img_channels; those of the networks under
                mapping_kwargs and synthesis_kwargs, or (StyleGAN3's code) the latter beside the former.

        Raises:
            CheckpointError: An argument is missing, unknown, or has a value that is not supported.
        """
        values: dict[str, Any] = {}
        sections = [
            ({k: v for k, v in kwargs.items() if not k.endswith("_kwargs")}, {**_TOP, **_SYNTHESIS}),
            (kwargs.get("mapping_kwargs") or {}, _MAPPING),
            (kwargs.get("synthesis_kwargs") or {}, _SYNTHESIS),
        ]
        for section, names in sections:
            if not isinstance(section, Mapping):
                raise CheckpointError(f"construction arguments {shown(section)} are not named")
            for key, value in section.items():
                if key in names:
                    values[names[key]] = value
                elif key in _BUILT_IN:
                    if value != _BUILT_IN[key]:
                        raise CheckpointError(
                            f"{key} {shown(value)} is not supported, only {_BUILT_IN[key]!r}"
                        )
                elif key not in _WITHOUT_EFFECT:
                    raise CheckpointError(
                        f"unknown construction argument '{shown(key)}': not a StyleGAN2 generator"
                    )
        missing = [key for key, name in _TOP.items() if name not in values]
        if missing:
            raise CheckpointError(f"construction arguments are missing: {', '.join(missing)}")
        return cls(**values)

    def to_kwargs(self) -> dict[str, Any]:
        """The arguments in the layout of public checkpoints; :meth:`from_kwargs` reads them."""
        return {
            **{key: getattr(self, name) for key, name in _TOP.items()},
            "mapping_kwargs": {key: getattr(self, name) for key, name in _MAPPING.items()},
            "synthesis_kwargs": {key: getattr(self, name) for key, name in _SYNTHESIS.items()},
        }
