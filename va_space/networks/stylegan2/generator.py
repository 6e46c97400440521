"""StyleGAN2's generator: from normal numbers to latents w, from latents to pictures.

Written from the papers (Karras et al. 2020, see :mod:`va_space.networks.stylegan2.layers`) in
plain PyTorch. State dicts have the names and shapes of public StyleGAN2 and StyleGAN2-ADA checkpoints.
"""

import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor, nn

from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.layers import (
    Convolution,
    FullyConnected,
    Noise,
    SynthesisLayer,
    ToRGB,
)
from va_space.networks.stylegan2.operations import resample_filter, upsample


class MappingNetwork(nn.Module):
    """Normal numbers, and a condition, to a latent w.

    Attributes:
        w_avg: (w_dim,) running mean of w, toward which truncation draws.
    """

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.config = config
        embedded = config.embed_features or config.w_dim
        hidden = config.layer_features or config.w_dim
        if config.c_dim:
            self.embed = FullyConnected(config.c_dim, embedded)
        first = config.z_dim + (embedded if config.c_dim else 0)
        widths = [first, *[hidden] * (config.mapping_layers - 1), config.w_dim]
        for number in range(config.mapping_layers):
            layer = FullyConnected(
                widths[number],
                widths[number + 1],
                activation=True,
                learning_rate=config.mapping_learning_rate,
            )
            setattr(self, f"fc{number}", layer)
        self.w_avg: Tensor
        self.register_buffer("w_avg", torch.zeros(config.w_dim))

    def forward(
        self, z: Tensor, c: Tensor | None = None, *, truncation: float = 1.0, cutoff: int | None = None
    ) -> Tensor:
        """Latents, one for each layer of the synthesis network.

        Args:
            z: (n, z_dim) normal numbers.
            c: (n, c_dim) the condition; needed exactly if the network is conditional.
            truncation: 1 leaves w as it is, 0 gives the mean latent.
            cutoff: Only so many layers, from the coarsest on, are truncated; None for all.

        Returns:
            (n, num_ws, w_dim).

        Raises:
            ValueError: z or c has another shape.
        """
        config = self.config
        if z.ndim != 2 or z.shape[1] != config.z_dim:
            raise ValueError(f"z must have the shape (n, {config.z_dim}), not {tuple(z.shape)}")
        given = None if c is None or not c.numel() else tuple(c.shape)
        if given != ((len(z), config.c_dim) if config.c_dim else None):
            wanted = f"have the shape ({len(z)}, {config.c_dim})" if config.c_dim else "be None"
            raise ValueError(f"c must {wanted} for this network, not {given}")
        x = _normalized(z)
        if config.c_dim:
            x = torch.cat([x, _normalized(self.embed(c))], dim=1)
        for number in range(config.mapping_layers):
            x = getattr(self, f"fc{number}")(x)
        ws = x[:, None].expand(-1, config.num_ws, -1)
        if truncation == 1.0:
            return ws
        drawn = self.w_avg.lerp(ws, truncation)
        return drawn if cutoff is None else torch.cat([drawn[:, :cutoff], ws[:, cutoff:]], dim=1)


class SynthesisBlock(nn.Module):
    """One resolution: one or two convolutions, and what goes into the picture.

    Args:
        config: Of the network.
        resolution: Side of the block's result; 4 for the first block, which starts from a constant.
    """

    def __init__(self, config: StyleGAN2Config, resolution: int) -> None:
        super().__init__()
        outputs, w_dim, clamp = config.channels(resolution), config.w_dim, config.conv_clamp
        self.residual = config.architecture == "resnet" and resolution > 4
        self.first = resolution == 4
        self.layers = 1 if self.first else 2
        self.register_buffer("resample_filter", resample_filter())
        if self.first:
            self.const = nn.Parameter(torch.randn(outputs, 4, 4))
        else:
            inputs = config.channels(resolution // 2)
            self.conv0 = SynthesisLayer(inputs, outputs, w_dim, resolution, up=True, clamp=clamp)
            if self.residual:
                self.skip = Convolution(inputs, outputs, 1, bias=False, up=True, gain=math.sqrt(0.5))
        self.conv1 = SynthesisLayer(outputs, outputs, w_dim, resolution, clamp=clamp)
        last = resolution == config.resolution
        self.torgb = (
            ToRGB(outputs, config.img_channels, w_dim, clamp=clamp)
            if last or config.architecture == "skip"
            else None
        )

    def forward(
        self,
        x: Tensor | None,
        picture: Tensor | None,
        ws: Tensor,
        noise: Sequence[Noise],
        generator: Generator | None,
    ) -> tuple[Tensor, Tensor | None]:
        """One block.

        Args:
            x: (n, c, r / 2, r / 2), None for the first block.
            picture: (n, img_channels, r / 2, r / 2) so far, None if there is none yet.
            ws: (n, layers + 1, w_dim).
            noise: One for each layer.
            generator: Source of random noise.

        Returns:
            (n, c', r, r) and the picture (n, img_channels, r, r), None if there is none yet.
        """
        if x is None:
            start = self.const[None].expand(len(ws), -1, -1, -1)
            x = self.conv1(
                start.contiguous(memory_format=torch.channels_last), ws[:, 0], noise[0], 1.0, generator
            )
        else:
            gain = math.sqrt(0.5) if self.residual else 1.0
            shortcut = self.skip(x) if self.residual else None
            x = self.conv0(x, ws[:, 0], noise[0], 1.0, generator)
            x = self.conv1(x, ws[:, 1], noise[1], gain, generator)
            if shortcut is not None:
                x = shortcut.add_(x)
        if picture is not None:
            picture = upsample(picture)
        if self.torgb is not None:
            colours = self.torgb(x, ws[:, self.layers])
            picture = colours if picture is None else picture + colours
        assert x is not None
        return x, picture


class SynthesisNetwork(nn.Module):
    """Latents to pictures."""

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.config = config
        for resolution in config.resolutions:
            setattr(self, f"b{resolution}", SynthesisBlock(config, resolution))

    def forward(
        self,
        ws: Tensor,
        *,
        noise: Noise | Sequence[Tensor] = "random",
        generator: Generator | None = None,
    ) -> Tensor:
        """Pictures for latents.

        Args:
            ws: (n, num_ws, w_dim).
            noise: "const" (the network's own maps), "random", "none", or one map for each of the num_ws - 1
                layers as :attr:`noise_maps` gives them.
            generator: Source of random noise; None for PyTorch's own.

        Returns:
            (n, img_channels, resolution, resolution), about [-1, 1].

        Raises:
            ValueError: ws or noise is not as above.
        """
        config = self.config
        if ws.ndim != 3 or ws.shape[1:] != (config.num_ws, config.w_dim):
            wanted = f"(n, {config.num_ws}, {config.w_dim})"
            raise ValueError(f"ws must have the shape {wanted}, not {tuple(ws.shape)}")
        noises = self._noises(noise)
        x: Tensor | None = None
        picture: Tensor | None = None
        first = 0
        for resolution in config.resolutions:
            block = getattr(self, f"b{resolution}")
            end = first + block.layers
            # The latent of a block's colours is also that of the next block's first layer.
            x, picture = block(x, picture, ws[:, first : end + 1], noises[first:end], generator)
            first = end
        assert picture is not None
        return picture

    @property
    def noise_maps(self) -> list[Tensor]:
        """The constant noise of each layer, (resolution, resolution), from the coarsest on."""
        blocks = [getattr(self, f"b{resolution}") for resolution in self.config.resolutions]
        layers = [
            layer
            for block in blocks
            for layer in ((block.conv1,) if block.first else (block.conv0, block.conv1))
        ]
        return [layer.noise_const for layer in layers]

    def _noises(self, noise: Noise | Sequence[Tensor]) -> list[Noise]:
        count = self.config.num_ws - 1
        if isinstance(noise, str):
            if noise not in ("const", "random", "none"):
                raise ValueError(f"noise {noise!r} is not 'const', 'random', 'none' or a list of maps")
            return [noise] * count
        if len(noise) != count:
            raise ValueError(f"{len(noise)} noise maps for {count} layers")
        return list(noise)


class StyleGAN2(nn.Module):
    """The whole generator.

    Args:
        config: What it is built from.

    Attributes:
        mapping: z to w.
        synthesis: w to pictures.
    """

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.config = config
        self.mapping = MappingNetwork(config)
        self.synthesis = SynthesisNetwork(config)

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        truncation: float = 1.0,
        cutoff: int | None = None,
        noise: Noise | Sequence[Tensor] = "random",
        generator: Generator | None = None,
    ) -> Tensor:
        """Pictures for normal numbers; arguments as for the two networks."""
        ws = self.mapping(z, c, truncation=truncation, cutoff=cutoff)
        return self.synthesis(ws, noise=noise, generator=generator)

    def for_inference(self) -> "StyleGAN2":
        """Itself, in evaluation mode, without gradients for its weights, which are laid out for speed."""
        for module in self.modules():
            if isinstance(module, SynthesisLayer):
                module.order_weights()
        return self.eval().requires_grad_(False)


def _normalized(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)
