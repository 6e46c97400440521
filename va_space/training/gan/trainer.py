"""Training of a generator against its discriminator."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from torch import Generator, Tensor

from va_space.networks.stylegan2.discriminator import Discriminator
from va_space.networks.stylegan2.files import save_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.training.engine.augment import step_rng
from va_space.training.engine.cache import Cached
from va_space.training.engine.trainer import Batch, Period, check_shares
from va_space.training.gan.adversarial import AdversarialTrainer
from va_space.training.gan.augment import AdaptiveProbability, augment
from va_space.training.gan.data import draw_batch
from va_space.training.gan.losses import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    path_lengths,
)
from va_space.training.gan.options import GeneratorOptions
from va_space.training.gan.quality import Quality
from va_space.training.gan.samples import SIDE, samples, write_sheet

_PATH_DECAY = 0.01


class GANTrainer(AdversarialTrainer):
    """Both networks, their optimisers, the running average, and what is steered along the way.

    At every snapshot the output folder gets ``generator.safetensors`` (the running average) and a sheet
    ``samples/NNNNNN.png`` with always the same latents. The regularisers are lazy: they are added every few
    steps with as many times their weight.

    Args:
        options: How to train.
        pictures: What to learn from, uint8 (n, 3, resolution, resolution).
        quality: Measures the generator at every snapshot; None measures nothing.

    Attributes:
        probability: Of the augmentations.
    """

    result = "generator.safetensors"

    def __init__(self, options: GeneratorOptions, pictures: Cached, quality: Quality | None = None) -> None:
        self.options, self.pictures, self.quality = options, pictures, quality
        self.steps, self.checkpoint_every = options.steps, options.snapshot_every
        self.batch = self._draw
        self.probability = AdaptiveProbability(options.augment_target, options.augment_kimg * 1000)
        self.path_mean = 0.0

    def identity(self) -> dict[str, Any]:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        return self.options.identity()

    def setup(self, fabric: Fabric) -> None:
        """Make both networks; gradients are averaged over the processes of the fabric."""
        options = self.options
        check_shares(fabric, options.batch_size)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            generator, discriminator = StyleGAN2(options.config), Discriminator(options.config)
        self.place(fabric, generator, discriminator, options.learning_rate)

    def _draw(self, step: int, rank: int, processes: int) -> Batch:
        """Real pictures in [-1, 1], and the state of the rng that the step goes on with."""
        rng = step_rng(self.options.seed, step, rank)
        real = draw_batch(self.pictures, self.options.batch_size // processes, self.options.mirror, rng)
        return {"real": real, "rng": rng.get_state()}

    def step(self, step: int, batch: Batch) -> dict[str, float]:
        """Train both networks.

        Args:
            step: Number of the step, from 0 on.
            batch: "real" (n, 3, resolution, resolution), this process's pictures in [-1, 1], and "rng".

        Returns:
            Losses by name.

        Raises:
            ConfigError: The training has diverged.
        """
        rng, real, options = Generator(), batch["real"], self.options
        rng.set_state(batch["rng"].cpu())
        # Noise maps are drawn on the device.
        seed = int(torch.randint(2**62, (), generator=rng))
        noise = Generator(self.fabric.device).manual_seed(seed)
        terms = self._train_discriminator(step, real, rng, noise)
        terms |= self._train_generator(step, len(real), rng, noise)
        self.check_finite(step, terms)
        self.update_average(step, options.batch_size, options.average_kimg * 1000)
        return terms

    def ends_period(self, done: int) -> bool:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        return done % self.options.snapshot_every == 0 or done == self.steps

    def evaluate(self, period: Period) -> dict[str, float]:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        kimg = period.done * self.options.batch_size / 1000
        measured = self.quality(self.average) if self.quality else {}
        return {"kimg": kimg, "seconds": period.seconds, **period.means, **measured}

    def begin(self, output: Path) -> None:
        """A sheet of real pictures."""
        write_sheet(torch.from_numpy(np.array(self.pictures.values[: SIDE**2])), output / "samples/real.png")

    def write(self, output: Path, done: int) -> None:
        """The generator and a sheet of what it makes."""
        write_sheet(samples(self.average), output / "samples" / f"{done:06d}.png")
        save_stylegan2(self.average, output / self.result)

    def state_dict(self) -> dict[str, Any]:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        return {**super().state_dict(), "p": self.probability.p, "path_mean": self.path_mean}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        super().load_state_dict(state)
        self.probability.p, self.path_mean = state["p"], state["path_mean"]

    def _train_discriminator(
        self, step: int, real: Tensor, rng: Generator, noise: Generator
    ) -> dict[str, float]:
        options, p = self.options, self.probability.p
        with torch.no_grad():
            fake = self.generator(self._normal(len(real), rng), noise="random", generator=noise)
        shown = augment(real, p, rng).detach()
        penalised = step % options.gradient_every == 0
        real_numbers = self.discriminator(shown.requires_grad_(penalised))
        fake_numbers = self.discriminator(augment(fake, p, rng))
        loss = discriminator_loss(real_numbers, fake_numbers)
        terms = {"d": float(loss.detach())}
        if penalised:
            penalty = gradient_penalty(shown, real_numbers)
            terms["r1"] = float(penalty.detach())
            loss = loss + penalty * (options.r1 * options.gradient_every)
        self.update("discriminator", self.discriminator, loss)
        sign = float(self.mean(real_numbers.detach().sign().mean()))
        if options.augment:
            self.probability.update(sign, options.batch_size)
        return {**terms, "sign": sign, "p": self.probability.p}

    def _train_generator(self, step: int, count: int, rng: Generator, noise: Generator) -> dict[str, float]:
        options, network = self.options, self.generator
        ws = network.mapping(self._normal(count, rng))
        fake = network.synthesis(ws, noise="random", generator=noise)
        self.discriminator.requires_grad_(False)  # or its gradients would be computed for nothing
        loss = generator_loss(self.discriminator(augment(fake, self.probability.p, rng)))
        terms = {"g": float(loss.detach())}
        if options.path_weight and step % options.path_every == 0:
            half = network.mapping(self._normal(max(1, count // 2), rng))
            lengths = path_lengths(network.synthesis(half, noise="random", generator=noise), half, noise)
            mean = float(self.mean(lengths.detach().mean()))
            self.path_mean += _PATH_DECAY * (mean - self.path_mean)
            loss = loss + (lengths - self.path_mean).square().mean() * (
                options.path_weight * options.path_every
            )
            terms["path"] = mean
        self.update("generator", network, loss)
        self.discriminator.requires_grad_(True)
        with torch.no_grad():
            mean_w = self.mean(ws.detach()[:, 0].mean(dim=0))
            network.mapping.w_avg.lerp_(mean_w, 1 - network.config.w_avg_decay)
        return terms

    def _normal(self, count: int, rng: Generator) -> Tensor:
        return torch.randn(count, self.options.latent, generator=rng).to(self.fabric.device)
