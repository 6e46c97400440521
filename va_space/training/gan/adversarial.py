"""What trainings of a generator against a discriminator have in common."""

import copy
import math
from typing import Any

import torch
from lightning.fabric import Fabric
from torch import Tensor, nn

from va_space.errors import ConfigError
from va_space.training.engine.trainer import Trainer


class AdversarialTrainer(Trainer):
    """Both networks, their optimisers, and the running average.

    Attributes:
        average: Running average of the generator's weights: the result.
    """

    unit = "snapshot"

    def place(self, fabric: Fabric, generator: nn.Module, discriminator: nn.Module, rate: float) -> None:
        """Put both networks on a device; gradients are averaged over the processes of the fabric.

        Args:
            fabric: Where to train.
            generator: With its first weights.
            discriminator: Likewise.
            rate: Learning rate of both.
        """
        self.fabric = fabric
        self.generator, self.discriminator = (self._placed(each) for each in (generator, discriminator))
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.optimizers = {
            name: torch.optim.Adam(network.parameters(), lr=rate, betas=(0.0, 0.99), eps=1e-8)
            for name, network in (("generator", self.generator), ("discriminator", self.discriminator))
        }

    def state_dict(self) -> dict[str, Any]:
        """Everything that a continuation needs besides the step."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state_dict` gave."""
        for name in ("generator", "discriminator", "average"):
            getattr(self, name).load_state_dict(state[name])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])

    def check_finite(self, step: int, terms: dict[str, float]) -> None:
        """Make sure that the losses are numbers.

        Raises:
            ConfigError: The training has diverged.
        """
        if not all(math.isfinite(value) for value in terms.values()):
            raise ConfigError(
                f"the training has diverged at step {step}: lower the learning rate or raise R1"
            )

    def update(self, name: str, network: nn.Module, loss: Tensor) -> None:
        """One step of a network's optimiser."""
        optimizer = self.optimizers[name]
        optimizer.zero_grad()
        loss.backward()
        if self.fabric.world_size > 1:
            # Averaged by hand: DistributedDataParallel cannot see gradients of gradients.
            gradients = [p.grad for p in network.parameters() if p.grad is not None]
            flat = self.mean(torch.cat([g.flatten() for g in gradients]))
            for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
                gradient.copy_(mean.view_as(gradient))
        optimizer.step()

    @torch.no_grad()
    def update_average(self, step: int, batch_size: int, half_life: float) -> None:
        """Move the running average toward the generator; its half-life is given in examples."""
        # Early on the average would remember the first random weights for too long.
        half_life = min(half_life, (step + 1) * batch_size * 0.05)
        decay = 0.5 ** (batch_size / max(half_life, 1e-8))
        for ours, theirs in zip(self.average.parameters(), self.generator.parameters(), strict=True):
            ours.copy_(theirs.lerp(ours, decay))
        for ours, theirs in zip(self.average.buffers(), self.generator.buffers(), strict=True):
            ours.copy_(theirs)

    def mean(self, values: Tensor) -> Tensor:
        """Mean over processes."""
        mean = self.fabric.all_reduce(values, reduce_op="mean")
        assert isinstance(mean, Tensor)
        return mean

    def _placed(self, network: nn.Module) -> Any:
        return network.to(self.fabric.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
