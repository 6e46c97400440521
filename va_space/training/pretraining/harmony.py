"""Symbolic pretraining: harmony, density and register, learnt from renderings whose score is known.

The branch for harmony of :class:`va_space.networks.backbones.two_branch.TwoBranch` learns what
:func:`va_space.datasets.score.describe` says of each window, whatever instrument plays it; the other branch
stays as it is. The result is a file of first weights for ``initial.music`` of another recipe.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from va_space.datasets.records import Record
from va_space.datasets.score import CHROMA, LENGTH, PITCHES
from va_space.media.mel import LogMel
from va_space.networks.backbones import load_initial_weights
from va_space.networks.backbones.two_branch import TwoBranch
from va_space.training.engine.augment import augment_mel, shift_semitones, uniform
from va_space.training.engine.cache import Progress, cached, read_windows
from va_space.training.engine.trainer import Batch
from va_space.training.pretraining.task import PretrainingTask
from va_space.training.recipe import Recipe

_VALIDATION_SHARE = 16
_LARGEST_SHIFT = 5  # semitones: with the other direction nearly all keys


class HarmonyModule(nn.Module):
    """A two-branch encoder with a linear head for descriptions.

    Args:
        encoder: Whose branch for harmony learns.
        statistics: (2, LENGTH) mean and deviation of the descriptions, which standardise them.
    """

    def __init__(self, encoder: TwoBranch, statistics: Tensor) -> None:
        super().__init__()
        self.backbone = encoder
        encoder.tagger.requires_grad_(False)
        self.head = nn.Linear(encoder.harmony.features, LENGTH)
        self.statistics: Tensor
        self.register_buffer("statistics", statistics, persistent=False)

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Loss terms of a batch with "semitones" (n, 96, frames) and "descriptions" (n, LENGTH)."""
        predicted = self.predict(batch["semitones"])
        target = (batch["descriptions"] - self.statistics[0]) / self.statistics[1]
        chroma = batch["descriptions"][:, CHROMA]
        terms = {
            "chroma": functional.cross_entropy(predicted[:, CHROMA], chroma)
            - torch.special.entr(chroma).sum(dim=1).mean(),
            "rest": functional.mse_loss(predicted[:, PITCHES.start :], target[:, PITCHES.start :]),
        }
        return {**terms, "total": terms["chroma"] + terms["rest"]}

    def predict(self, semitones: Tensor) -> Tensor:
        """(n, LENGTH): logits of the pitch classes, then standardised descriptions."""
        return self.head(self.backbone.harmony(semitones[:, None])).float()


class HarmonyPretrainer(PretrainingTask):
    """Symbolic pretraining as the loop sees it.

    Args:
        recipe: With ``model.music_backbone = "two-branch"``.
        records: Windows of renderings; those of one file together, their group the score.
        descriptions: (records, LENGTH).
        cache: Folder for decoded media.
        progress: Called while media are decoded.
    """

    def __init__(
        self,
        recipe: Recipe,
        records: Sequence[Record],
        descriptions: np.ndarray,
        cache: Path,
        progress: Progress,
    ) -> None:
        audio = recipe.model.audio
        transform = LogMel(audio)

        def convert(same_file: Sequence[Record]) -> np.ndarray:
            with torch.inference_mode():
                windows = torch.from_numpy(read_windows(same_file, audio))
                return transform(windows)[:, 1, :, :: TwoBranch.FRAMES_APART].half().numpy()

        frames = len(range(0, audio.window_samples // audio.hop_length + 1, TwoBranch.FRAMES_APART))
        key: dict[str, object] = {"audio": repr(audio)}
        self.inputs = cached(
            "semitones", records, key, (audio.n_mels, frames), np.float16, convert, cache, progress
        )
        rows = {(record.path, record.start): row for row, record in enumerate(records)}
        kept = [rows[record.path, record.start] for record in self.inputs.records]
        self.descriptions = torch.from_numpy(descriptions[kept])
        statistics = torch.stack([self.descriptions.mean(0), self.descriptions.std(0).clamp_min(1e-3)])
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            encoder = TwoBranch()
            load_initial_weights(encoder, recipe.initial.music, "two-branch")
            module = HarmonyModule(encoder, statistics)
        scores = np.array([record.group for record in self.inputs.records])
        names = np.random.default_rng(recipe.seed).permutation(np.unique(scores))
        validation = np.isin(scores, names[: max(1, len(names) // _VALIDATION_SHARE)])
        super().__init__(recipe, module, np.flatnonzero(~validation), np.flatnonzero(validation))

    def assemble(self, rows: np.ndarray, rng: Generator | None) -> Batch:
        """See :class:`PretrainingTask`; augmented windows are transposed, too."""
        semitones, descriptions = [], []
        for row in rows:
            window = torch.from_numpy(np.array(self.inputs.values[row])).float()
            description = self.descriptions[row].clone()
            if rng:
                shift = int(uniform(rng, -_LARGEST_SHIFT, _LARGEST_SHIFT + 1) // 1)
                window = augment_mel(shift_semitones(window, shift), self.recipe.augmentation, rng)
                description[CHROMA] = description[CHROMA].roll(shift)
                description[PITCHES] += shift / 12
            semitones.append(window)
            descriptions.append(description)
        return {"semitones": torch.stack(semitones), "descriptions": torch.stack(descriptions)}

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Share of the descriptions' variance that is explained in held-out scores; of the mode by itself."""
        assert isinstance(module, HarmonyModule)
        predicted, wanted = [], []
        for batch in self.held_out_batches(next(module.parameters()).device):
            predicted.append(module.predict(batch["semitones"]).cpu())
            wanted.append(batch["descriptions"].cpu())
        mean, deviation = module.statistics.cpu()
        rest = slice(PITCHES.start, None)
        error = torch.cat(predicted)[:, rest] - ((torch.cat(wanted) - mean) / deviation)[:, rest]
        explained = 1 - error.square().mean(dim=0)
        mode = PITCHES.stop - PITCHES.start
        return {"mode": float(explained[mode]), "score": float(explained.mean())}
