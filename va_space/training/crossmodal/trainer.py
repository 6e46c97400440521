"""Training of a generator of one side, told of the other side by an encoder, against its discriminator."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from numpy.typing import NDArray
from torch import Generator as Rng
from torch import Tensor
from torch.nn import functional

from va_space.generation.crossmodal import FILE, PICTURE, Crossmodal, CrossmodalModel
from va_space.networks.crossmodal import Discriminator
from va_space.training.crossmodal.sides import Side, changed, sheet
from va_space.training.engine.augment import step_rng
from va_space.training.engine.trainer import Batch, Period, check_shares
from va_space.training.gan.adversarial import AdversarialTrainer
from va_space.training.gan.losses import discriminator_loss, generator_loss, gradient_penalty
from va_space.training.recipe import Recipe

_ACROSS = 8  # examples of each instrument on a sheet


class CrossmodalTrainer(AdversarialTrainer):
    """The generator and its discriminator; the encoder stays as it is.

    A batch has as many examples of each instrument as chance gives, all equally likely. What is given is any
    example of the same instrument. At every snapshot the output folder gets ``crossmodal.safetensors`` and a
    sheet ``samples/NNNNNN.png`` of what is made for held-out examples, a row for each instrument.

    Args:
        recipe: With its ``crossmodal`` section.
        model: With its encoder trained.
        given: What is given.
        made: What is made.
        held: Of what is given, examples for the sheets.
    """

    result = FILE

    def __init__(self, recipe: Recipe, model: CrossmodalModel, given: Side, made: Side, held: Side) -> None:
        self.recipe, self.options, self.model = recipe, recipe.crossmodal, model.eval()
        self.made, self.size = made, recipe.schedule.batch_size
        self.per_snapshot = max(1, len(made.labels) // self.size) * self.options.snapshot_epochs
        self.steps = max(1, len(made.labels) // self.size) * recipe.schedule.epochs
        self.checkpoint_every, self.workers = recipe.schedule.checkpoint_every, recipe.data.workers
        self.batch = self._draw
        classes = range(len(model.config.instruments))
        self.rows_of = [np.flatnonzero(made.labels == each) for each in classes]
        self.given_of = [np.flatnonzero(given.labels == each) for each in classes]
        self.conditions = self._conditions(given)  # (files, views, condition)
        shown = np.concatenate([np.resize(np.flatnonzero(held.labels == each), _ACROSS) for each in classes])
        self.shown = held.draw(shown)

    def identity(self) -> dict[str, Any]:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        return self.recipe.identity()

    def setup(self, fabric: Fabric) -> None:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        config = self.model.config
        check_shares(fabric, self.size)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed)
            discriminator = Discriminator(
                config.outputs,
                config.patch.size,
                config.condition,
                len(config.instruments),
                self.options.discriminator_channels,
            )
        self.place(fabric, self.model.generator.train(), discriminator, self.recipe.schedule.learning_rate)

    def _draw(self, step: int, rank: int, processes: int) -> Batch:
        """Pairs of a step: real ones, their conditions, and conditions of other instruments."""
        rng = step_rng(self.recipe.seed, step, rank)
        count, classes = self.size // processes, len(self.rows_of)
        labels = torch.randint(classes, (count,), generator=rng)
        others = (labels + torch.randint(1, classes, (count,), generator=rng)) % classes
        real = self.made.draw(_one_of_each(self.rows_of, labels, rng), rng)
        if real.shape[1] == PICTURE:
            mirrored = torch.rand(count, generator=rng) < 0.5
            real[mirrored] = real[mirrored].flip(3)
        batch = {"real": real, "labels": labels}
        batch |= {"condition": self._told(labels, rng), "other": self._told(others, rng)}
        return {**batch, "rng": rng.get_state()}

    def step(self, step: int, batch: Batch) -> dict[str, float]:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        rng = Rng()
        rng.set_state(batch["rng"].cpu())
        terms = self._train_discriminator(step, batch, rng) | self._train_generator(batch, rng)
        self.check_finite(step, terms)
        half_life = self.size * math.log(0.5) / math.log(self.recipe.schedule.average or 1e-9)
        self.update_average(step, self.size, half_life)
        return terms

    def ends_period(self, done: int) -> bool:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        return done % self.per_snapshot == 0 or done == self.steps

    def evaluate(self, period: Period) -> dict[str, float]:
        """See :class:`va_space.training.engine.trainer.Trainer`."""
        return {"seconds": period.seconds, **period.means}

    def write(self, output: Path, done: int) -> None:
        """The model, and a sheet of what it makes."""
        self.model.generator = self.average
        model = Crossmodal(self.model.to(self.fabric.device))
        model.save(output)
        sheet(model.generate(self.shown.to(self.fabric.device)), output / "samples" / f"{done:06d}.png")

    def _train_discriminator(self, step: int, batch: Batch, rng: Rng) -> dict[str, float]:
        options, p, network = self.options, self.options.augment, self.discriminator
        with torch.no_grad():
            fake = self.generator(self._normal(len(batch["real"]), rng), batch["condition"])
        shown = changed(batch["real"], p, rng).detach()
        penalised = options.r1 > 0 and step % options.r1_every == 0
        features = network(shown.requires_grad_(penalised))
        real = network.judge(features, batch["condition"])
        judged = network.judge(network(changed(fake, p, rng)), batch["condition"])
        loss = discriminator_loss(real, judged)
        terms = {"d": float(loss.detach())}
        if options.mismatched:
            # A real example beside what belongs to another instrument is as wrong as a made one.
            loss = loss + functional.softplus(network.judge(features, batch["other"])).mean()
        named = functional.cross_entropy(network.classes(features), batch["labels"])
        loss = loss + options.classes * named
        if penalised:
            penalty = gradient_penalty(shown, real)
            loss = loss + penalty * (options.r1 * options.r1_every)
            terms["r1"] = float(penalty.detach())
        self.update("discriminator", network, loss)
        return {**terms, "named": float(named.detach())}

    def _train_generator(self, batch: Batch, rng: Rng) -> dict[str, float]:
        network = self.discriminator.requires_grad_(False)  # or its gradients would be computed for nothing
        fake = self.generator(self._normal(len(batch["real"]), rng), batch["condition"])
        features = network(changed(fake, self.options.augment, rng))
        loss = generator_loss(network.judge(features, batch["condition"]))
        named = functional.cross_entropy(network.classes(features), batch["labels"])
        self.update("generator", self.generator, loss + self.options.classes * named)
        network.requires_grad_(True)
        return {"g": float(loss.detach()), "named_made": float(named.detach())}

    @torch.no_grad()
    def _conditions(self, given: Side) -> Tensor:
        files, views = given.values.shape[:2]
        found = []
        for view in range(views):
            side = Side(given.values[:, view : view + 1], given.labels, given.records)
            parts = np.array_split(np.arange(files), max(1, files // 64))
            found.append(torch.cat([self.model.condition(side.draw(rows)) for rows in parts]))
        return torch.stack(found, dim=1)

    def _told(self, labels: Tensor, rng: Rng) -> Tensor:
        rows = _one_of_each(self.given_of, labels, rng)
        views = torch.randint(self.conditions.shape[1], (len(rows),), generator=rng)
        return self.conditions[torch.from_numpy(rows), views]

    def _normal(self, count: int, rng: Rng) -> Tensor:
        return torch.randn(count, self.options.latent, generator=rng).to(self.fabric.device)


def _one_of_each(rows_of: list[NDArray[np.int64]], labels: Tensor, rng: Rng) -> NDArray[np.int64]:
    """For each label a row of its class, at random."""
    chance = torch.rand(len(labels), generator=rng).tolist()
    drawn = zip(labels.tolist(), chance, strict=True)
    return np.array([rows_of[label][int(share * len(rows_of[label]))] for label, share in drawn])
