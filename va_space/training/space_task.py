"""Training of the space itself: both encoders and all predictors, on pairs of pictures and music."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from torch import Tensor, nn

from va_space import emotion
from va_space.datasets.pairs import make_pairs
from va_space.datasets.records import Point, Quadrant, Record
from va_space.encoders.backbones import load_initial_weights
from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import SpaceModel
from va_space.errors import DatasetError
from va_space.pretrained import save_model
from va_space.training.augment import augment_mel, augment_picture, step_generator
from va_space.training.cache import Cached, Progress, cached_mels, cached_pictures
from va_space.training.distributed import gather_batch
from va_space.training.objective import VASpaceObjective
from va_space.training.recipe import Recipe
from va_space.training.sources import SpaceData

_CACHED_SIDE = 1.25  # pictures are kept larger than the network sees them, so that crops lose no detail
_STATISTICS = 256  # windows that the mean and deviation of the log-mel are taken over


class SpaceModule(nn.Module):
    """The model with its objective: a batch in, the terms of the loss out.

    Args:
        model: What is trained.
        objective: What it minimises.
    """

    def __init__(self, model: SpaceModel, objective: VASpaceObjective) -> None:
        super().__init__()
        self.model = model
        self.objective = objective

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Terms of the loss over the global batch.

        Args:
            batch: This process's rows: "pictures" uint8 (n, 3, H, W), "va_pictures" (n, 2), "music" log-mel
                (n, mels, frames), "va_music" (n, 2), and optionally "quadrant_music" (q, mels, frames) with
                "quadrants" (q,); and "step", the same in all processes, from which sampled losses draw.

        Returns:
            As :class:`va_space.training.objective.VASpaceObjective`.
        """
        model = self.model
        pictures = (batch["pictures"].float() / 255).contiguous(memory_format=torch.channels_last)
        mels = [batch[name] for name in ("music", "quadrant_music") if name in batch]
        music = model.music_encoder(torch.cat(mels)[:, None].contiguous(memory_format=torch.channels_last))
        local = {
            "pictures": model.picture_encoder(pictures),
            "music": music[: len(mels[0])],
            **{name: batch[name] for name in ("va_pictures", "va_music")},
        }
        if len(mels) > 1:
            local |= {"quadrant_music": music[len(mels[0]) :], "quadrants": batch["quadrants"]}
        rows = gather_batch(local)
        generator = torch.Generator().manual_seed(int(batch["step"]))
        quadrant_music = rows.pop("quadrant_music", None)
        # Predictors and losses in float32: ratios of small distances do not survive bf16.
        with torch.autocast(pictures.device.type, enabled=False):
            return self.objective(
                **rows,
                predicted_va_pictures=model.picture_va(rows["pictures"]),
                predicted_va_music=model.music_va(rows["music"]),
                predicted_similarity=model.similarity(rows["pictures"], rows["music"]),
                predicted_va_quadrant=None if quadrant_music is None else model.music_va(quadrant_music),
                generator=generator,
            )


class SpaceTask:
    """Training of the space as the loop sees it.

    Args:
        recipe: What to train and how.
        data: On what.
        cache: Folder for decoded media.
        progress: Called while media are decoded.

    Raises:
        DatasetError: A part is empty.
        CheckpointError: First weights cannot be had.
    """

    def __init__(self, recipe: Recipe, data: SpaceData, cache: Path, progress: Progress) -> None:
        for side in (data.pictures, data.music):
            for part in ("train", "validation"):
                if not side[part]:
                    raise DatasetError(f"nothing to train on: the {part} part of one side is empty")
        self.recipe = recipe
        config, schedule = recipe.model, recipe.schedule
        large = round(config.picture.size * _CACHED_SIDE)
        self.pictures = cached_pictures(data.pictures["train"], large, cache, progress)
        self.music = cached_mels(data.music["train"], config.audio, cache, progress)
        self.quadrant_music = (
            cached_mels(data.quadrants, config.audio, cache, progress) if data.quadrants else None
        )
        self.held_out = (
            cached_pictures(data.pictures["validation"], config.picture.size, cache, progress),
            cached_mels(data.music["validation"], config.audio, cache, progress),
        )
        self.va_pictures, self.va_music = points(self.pictures.records), points(self.music.records)
        self.sigma = emotion.mean_distance(self.va_pictures, self.va_music)
        self.module = self._module()
        self.steps_per_epoch = max(1, recipe.data.pairs // schedule.batch_size)
        self._pairs: tuple[int, np.ndarray] = (-1, np.empty((0, 2), np.int64))

    def _module(self) -> SpaceModule:
        recipe = self.recipe
        chosen = np.linspace(0, len(self.music.records) - 1, _STATISTICS).astype(int)
        mels = np.asarray(self.music.values[chosen], np.float32)
        mean, std = (round(float(value), 4) for value in (mels.mean(), mels.std()))
        audio = replace(recipe.model.audio, mean=mean, std=std)
        config: SpaceConfig = replace(recipe.model, sigma=self.sigma, audio=audio)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            model = SpaceModel(config)
        load_initial_weights(model.picture_encoder.backbone, recipe.initial.picture, config.picture_backbone)
        load_initial_weights(model.music_encoder.backbone, recipe.initial.music, config.music_backbone)
        options = recipe.objective
        objective = VASpaceObjective(
            self.sigma,
            options.weights,
            margin=options.margin,
            sign=options.sign,  # type: ignore[arg-type]
            weighting=options.weighting,  # type: ignore[arg-type]
            floor=options.floor,
            sampled=options.sampled or None,
            quadrant_margin=options.quadrant_margin,
        )
        return SpaceModule(model, objective).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def batch(self, step: int, rank: int, processes: int) -> dict[str, Tensor]:
        """Augmented pairs of a step; see :class:`va_space.training.loop.Task`."""
        epoch, position = divmod(step, self.steps_per_epoch)
        size = self.recipe.schedule.batch_size
        pairs = self._pairs_of(epoch)[position * size : (position + 1) * size][rank::processes]
        generator = step_generator(self.recipe.seed, step, rank)
        options, side = self.recipe.augmentation, self.recipe.model.picture.size
        pictures = [
            augment_picture(_row(self.pictures, index), side, options, generator) for index in pairs[:, 0]
        ]
        music = [augment_mel(_row(self.music, index).float(), options, generator) for index in pairs[:, 1]]
        batch = {
            "pictures": torch.stack(pictures),
            "va_pictures": self.va_pictures[pairs[:, 0]],
            "music": torch.stack(music),
            "va_music": self.va_music[pairs[:, 1]],
            "step": torch.tensor(step),
        }
        if self.quadrant_music is not None:
            records = self.quadrant_music.records
            count = self.recipe.schedule.quadrant_batch_size // processes
            chosen = torch.randint(len(records), (count,), generator=generator).tolist()
            mels = [augment_mel(_row(self.quadrant_music, i).float(), options, generator) for i in chosen]
            numbers = quadrants([records[index] for index in chosen])
            batch |= {"quadrant_music": torch.stack(mels), "quadrants": numbers}
        return batch

    def _pairs_of(self, epoch: int) -> np.ndarray:
        """(pairs, 2) indices of pictures and music; new pairs each epoch."""
        if self._pairs[0] != epoch:
            count = min(self.recipe.data.pairs, len(self.va_pictures) * len(self.va_music))
            seed = int(np.random.SeedSequence([self.recipe.seed, epoch]).generate_state(1)[0])
            pairs = make_pairs(self.va_pictures, self.va_music, self.sigma, count, seed)
            self._pairs = (epoch, np.stack([pairs.picture, pairs.music], axis=1))
        return self._pairs[1]

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Correlations on held-out groups.

        "score" is the mean of Spearman's correlation of cosine with S over all pairs, and the mean of the
        four Pearson correlations of predicted and labelled valence and arousal.
        """
        assert isinstance(module, SpaceModule)
        model, device = module.model, next(module.parameters()).device
        pictures, music = self.held_out
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, self.recipe.precision != "32-true"):
            seen = torch.cat([model.picture_encoder(c.to(device).float() / 255) for c in _chunks(pictures)])
            heard = torch.cat([model.music_encoder(c.to(device).float()[:, None]) for c in _chunks(music)])
        with torch.no_grad():
            predicted = model.picture_va(seen).cpu(), model.music_va(heard).cpu()
            cosine = (seen @ heard.T).cpu()
        labels = points(pictures.records), points(music.records)
        similarity = emotion.similarity(*labels, self.sigma)
        metrics = {"spearman": float(stats.spearmanr(cosine.flatten(), similarity.flatten()).statistic)}
        for name, values, truth in zip(("picture", "music"), predicted, labels, strict=True):
            for axis, dimension in enumerate(("valence", "arousal")):
                r = stats.pearsonr(values[:, axis], truth[:, axis]).statistic
                metrics[f"{name}_{dimension}"] = float(r)
        correlations = [value for name, value in metrics.items() if name != "spearman"]
        return {**metrics, "score": 0.5 * metrics["spearman"] + 0.5 * float(np.mean(correlations))}

    def save(self, module: nn.Module, folder: Path) -> None:
        """Write the model as :meth:`va_space.VASpace.from_pretrained` reads it."""
        assert isinstance(module, SpaceModule)
        save_model(module.model, folder)


def points(records: Sequence[Record]) -> Tensor:
    """Labels of records as (n, 2) valence and arousal.

    Raises:
        DatasetError: A record has no point.
    """
    for record in records:
        if not isinstance(record.label, Point):
            raise DatasetError(f"{record.path}: has no valence and arousal")
    return torch.tensor([(r.label.valence, r.label.arousal) for r in records])  # type: ignore[union-attr]


def quadrants(records: Sequence[Record]) -> Tensor:
    """Labels of records as (n,) quadrants 1-4."""
    return torch.tensor([r.label.number for r in records if isinstance(r.label, Quadrant)])


def _row(cached: Cached, index: int) -> Tensor:
    return torch.from_numpy(np.array(cached.values[index]))


def _chunks(cached: Cached, size: int = 64) -> list[Tensor]:
    starts = range(0, len(cached.records), size)
    return [torch.from_numpy(np.array(cached.values[start : start + size])) for start in starts]
