"""What the generator is told: an encoder of the given side, trained before it."""

from pathlib import Path

import numpy as np
import torch
from torch import Generator as Rng
from torch import Tensor, nn
from torch.nn import functional

from va_space.networks.crossmodal import Encoder, Generator
from va_space.training.crossmodal.sides import Side, changed
from va_space.training.engine.trainer import Batch
from va_space.training.pretraining.task import PretrainingTask
from va_space.training.recipe import Recipe

# Of the pictures' and patches' changes.
_PROBABILITY = 0.4


class EncoderModule(nn.Module):
    """The encoder with its loss: cross-entropy of instruments, or the squared error of a decoder.

    Args:
        encoder: What is trained.
        decoder: From features back to the input; None to tell instruments apart.
    """

    def __init__(self, encoder: Encoder, decoder: Generator | None) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The loss of a batch of "inputs" and "labels"; what the classes read is learnt in any case."""
        inputs, features = batch["inputs"], self.encoder(batch["inputs"])
        read = features if self.decoder is None else features.detach()
        named = functional.cross_entropy(self.encoder.classes(read), batch["labels"])
        if self.decoder is None:
            return {"total": named, "classes": named}
        again = self.decoder(features.new_zeros(len(features), 0), features)
        error = functional.mse_loss(again, inputs)
        return {"total": error + named, "error": error, "classes": named}


class EncoderTask(PretrainingTask):
    """Training of an encoder as the loop sees it.

    Args:
        recipe: With its ``crossmodal`` section; the schedule is the encoder's.
        encoder: With its first weights.
        learnt: What it learns from.
        held: What it is validated on.
    """

    def __init__(self, recipe: Recipe, encoder: Encoder, learnt: Side, held: Side) -> None:
        options, self.learnt, self.held = recipe.crossmodal, learnt, held
        decoder = None
        if options.encoding == "autoencoder":
            channels, size = learnt.values.shape[2:4]
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(recipe.seed)
                decoder = Generator(channels, size, options.features, 0, options.channels)
        module = EncoderModule(encoder, decoder)
        super().__init__(recipe, module, np.arange(len(learnt.labels)), np.arange(len(held.labels)))

    def assemble(self, rows: np.ndarray, rng: Rng | None) -> Batch:
        """See :class:`PretrainingTask`."""
        side = self.learnt if rng else self.held
        inputs = side.draw(rows, rng)
        inputs = changed(inputs, _PROBABILITY, rng) if rng else inputs
        return {"inputs": inputs, "labels": torch.from_numpy(side.labels[rows])}

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Share of held-out files whose instrument is named."""
        assert isinstance(module, EncoderModule)
        device = next(module.parameters()).device
        right = [
            (module.encoder.classes(module.encoder(batch["inputs"])).argmax(dim=1) == batch["labels"]).cpu()
            for batch in self.held_out_batches(device)
        ]
        accuracy = float(torch.cat(right).float().mean())
        return {"accuracy": accuracy, "score": accuracy}

    def save(self, module: nn.Module, folder: Path) -> None:
        """Nothing: the encoder becomes part of the whole."""
