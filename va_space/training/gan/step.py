"""One step of the game between a generator and its discriminator."""

import copy
import math
from typing import Any

import torch
from lightning.fabric import Fabric
from torch import Generator, Tensor, nn

from va_space.errors import ConfigError
from va_space.networks.stylegan2.discriminator import Discriminator
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.training.gan.augment import AdaptiveProbability, augment
from va_space.training.gan.losses import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    path_lengths,
)
from va_space.training.gan.options import GeneratorOptions

_PATH_DECAY = 0.01


class Game:
    """Both networks, their optimisers, the running average, and what is steered along the way.

    The regularisers are lazy: they are added every few steps with as many times their weight.

    Args:
        options: How to train.
        fabric: Where to train; gradients are averaged over its processes.

    Attributes:
        average: Running average of the generator's weights: the result.
        probability: Of the augmentations.
    """

    def __init__(self, options: GeneratorOptions, fabric: Fabric) -> None:
        self.options, self.fabric = options, fabric
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            generator, discriminator = StyleGAN2(options.config), Discriminator(options.config)
        self.generator, self.discriminator = (self._placed(m) for m in (generator, discriminator))
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.optimizers = {
            name: torch.optim.Adam(
                network.parameters(), lr=options.learning_rate, betas=(0.0, 0.99), eps=1e-8
            )
            for name, network in (("generator", self.generator), ("discriminator", self.discriminator))
        }
        self.probability = AdaptiveProbability(options.augment_target, options.augment_kimg * 1000)
        self.path_mean = 0.0

    def step(self, step: int, real: Tensor, generator: Generator) -> dict[str, float]:
        """Train both networks.

        Args:
            step: Number of the step, from 0 on.
            real: (n, 3, resolution, resolution) this process's pictures in [-1, 1].
            generator: Source of all chance of this step, on the CPU.

        Returns:
            Losses by name.

        Raises:
            ConfigError: The training has diverged.
        """
        # Noise maps are drawn on the device.
        seed = int(torch.randint(2**62, (), generator=generator))
        noise = Generator(self.fabric.device).manual_seed(seed)
        terms = self._train_discriminator(step, real, generator, noise)
        terms |= self._train_generator(step, len(real), generator, noise)
        if not all(math.isfinite(value) for value in terms.values()):
            raise ConfigError(
                f"the training has diverged at step {step}: lower the learning rate or raise R1"
            )
        self._update_average(step)
        return terms

    def state_dict(self) -> dict[str, Any]:
        """Everything that a continuation needs besides the step."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()},
            "p": self.probability.p,
            "path_mean": self.path_mean,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state_dict` gave."""
        for name in ("generator", "discriminator", "average"):
            getattr(self, name).load_state_dict(state[name])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        self.probability.p, self.path_mean = state["p"], state["path_mean"]

    def _train_discriminator(
        self, step: int, real: Tensor, generator: Generator, noise: Generator
    ) -> dict[str, float]:
        options, p = self.options, self.probability.p
        with torch.no_grad():
            fake = self.generator(self._normal(len(real), generator), noise="random", generator=noise)
        shown = augment(real, p, generator).detach()
        penalised = step % options.gradient_every == 0
        real_numbers = self.discriminator(shown.requires_grad_(penalised))
        fake_numbers = self.discriminator(augment(fake, p, generator))
        loss = discriminator_loss(real_numbers, fake_numbers)
        terms = {"d": float(loss.detach())}
        if penalised:
            penalty = gradient_penalty(shown, real_numbers)
            terms["r1"] = float(penalty.detach())
            loss = loss + penalty * (options.r1 * options.gradient_every)
        self._update("discriminator", self.discriminator, loss)
        sign = float(self._mean(real_numbers.detach().sign().mean()))
        if options.augment:
            self.probability.update(sign, options.batch_size)
        return {**terms, "sign": sign, "p": self.probability.p}

    def _train_generator(
        self, step: int, count: int, generator: Generator, noise: Generator
    ) -> dict[str, float]:
        options, network = self.options, self.generator
        ws = network.mapping(self._normal(count, generator))
        fake = network.synthesis(ws, noise="random", generator=noise)
        self.discriminator.requires_grad_(False)  # or its gradients would be computed for nothing
        loss = generator_loss(self.discriminator(augment(fake, self.probability.p, generator)))
        terms = {"g": float(loss.detach())}
        if options.path_weight and step % options.path_every == 0:
            half = network.mapping(self._normal(max(1, count // 2), generator))
            lengths = path_lengths(network.synthesis(half, noise="random", generator=noise), half, noise)
            mean = float(self._mean(lengths.detach().mean()))
            self.path_mean += _PATH_DECAY * (mean - self.path_mean)
            loss = loss + (lengths - self.path_mean).square().mean() * (
                options.path_weight * options.path_every
            )
            terms["path"] = mean
        self._update("generator", network, loss)
        self.discriminator.requires_grad_(True)
        with torch.no_grad():
            mean_w = self._mean(ws.detach()[:, 0].mean(dim=0))
            network.mapping.w_avg.lerp_(mean_w, 1 - network.config.w_avg_decay)
        return terms

    def _update(self, name: str, network: nn.Module, loss: Tensor) -> None:
        optimizer = self.optimizers[name]
        optimizer.zero_grad()
        loss.backward()
        if self.fabric.world_size > 1:
            # Averaged by hand: DistributedDataParallel cannot see gradients of gradients.
            gradients = [p.grad for p in network.parameters() if p.grad is not None]
            flat = self._mean(torch.cat([g.flatten() for g in gradients]))
            for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
                gradient.copy_(mean.view_as(gradient))
        optimizer.step()

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        # Early on the average would remember the first random weights for too long.
        half_life = min(self.options.average_kimg * 1000, (step + 1) * self.options.batch_size * 0.05)
        decay = 0.5 ** (self.options.batch_size / max(half_life, 1e-8))
        for ours, theirs in zip(self.average.parameters(), self.generator.parameters(), strict=True):
            ours.copy_(theirs.lerp(ours, decay))
        for ours, theirs in zip(self.average.buffers(), self.generator.buffers(), strict=True):
            ours.copy_(theirs)

    def _mean(self, values: Tensor) -> Tensor:
        """Mean over processes."""
        mean = self.fabric.all_reduce(values, reduce_op="mean")
        assert isinstance(mean, Tensor)
        return mean

    def _normal(self, count: int, generator: Generator) -> Tensor:
        return torch.randn(count, self.options.latent, generator=generator).to(self.fabric.device)

    def _placed(self, network: nn.Module) -> Any:
        return network.to(self.fabric.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
