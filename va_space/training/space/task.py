"""Training of the space itself: both encoders and all predictors, on pairs of pictures and music."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from torch import Tensor, nn

from va_space.datasets.pairs import make_pairs
from va_space.datasets.sources import SpaceData, data_root
from va_space.emotion import plane as emotion
from va_space.encoders.model import MusicEncoder, PictureEncoder, SpaceModel
from va_space.encoders.predictors import VAPredictor
from va_space.encoders.pretrained import save_model
from va_space.errors import DatasetError
from va_space.media.settings import AudioSettings, PictureSettings
from va_space.networks.backbones import load_initial_weights, pretrained_statistics
from va_space.training.engine.augment import step_rng
from va_space.training.engine.cache import Progress
from va_space.training.engine.distributed import gather_batch
from va_space.training.recipe import Recipe
from va_space.training.space.examples import Examples
from va_space.training.space.inputs import decoded_inputs, stored_inputs
from va_space.training.space.labels import BalancedDraw, points, quadrants, votes
from va_space.training.space.lessons import make_lessons
from va_space.training.space.noisy_points import noisy_points
from va_space.training.space.objective import VASpaceObjective
from va_space.training.space.terms import ObjectiveBatch

_AT_ONCE = 64
_MUSIC = ("music", "quadrant_music", "votes_music", "taught_music")


class SpaceModule(nn.Module):
    """The model with its objective: a batch in, the terms of the loss out.

    Args:
        model: What is trained.
        objective: What it minimises.
        feelings: Number of feelings that listeners voted for; an auxiliary layer reads them off the music.
    """

    def __init__(self, model: SpaceModel, objective: VASpaceObjective, feelings: int = 0) -> None:
        super().__init__()
        self.model = model
        self.objective = objective
        self.votes = nn.Linear(model.config.dimension, feelings) if feelings else None

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Terms of the loss over the global batch.

        Args:
            batch: This process's rows: "pictures" uint8 (n, 3, H, W), "va_pictures" (n, 2), "music" log-mel
                (n, channels, mels, frames), "va_music" (n, 2), and optionally "quadrant_music" (q, ...) with
                "quadrants" (q,), "votes_music" (v, ...) with "votes" (v, feelings), "taught_music"
                (t, features) with "taught_va" (t, 2); and "step", the same in all processes, from which
                sampled losses draw.
                Instead of media there may be features of the backbones, (n, features).

        Returns:
            As :class:`va_space.training.space.objective.VASpaceObjective`.
        """
        model = self.model
        names = [name for name in _MUSIC if name in batch]
        encoded = encode(model.music_encoder, torch.cat([batch[name] for name in names]))
        music = dict(zip(names, encoded.split([len(batch[name]) for name in names]), strict=True))
        seen = [batch[name] for name in ("pictures", "pictures_again") if name in batch]
        pictures = encode(model.picture_encoder, torch.cat(seen))
        labels = ("va_pictures", "va_music", "quadrants", "noisy_va", "votes", "taught_va")
        local = {
            "pictures": pictures[: len(seen[0])],
            **music,
            **{name: batch[name] for name in labels if name in batch},
        }
        if len(seen) > 1:
            local["pictures_again"] = pictures[len(seen[0]) :]
        rows = gather_batch(local)
        quadrant_music, votes_music, taught_music = (rows.pop(name, None) for name in _MUSIC[1:])
        # Predictors and losses in float32: ratios of small distances do not survive bf16.
        with torch.autocast(encoded.device.type, enabled=False):
            whole = ObjectiveBatch(
                **rows,
                predicted_va_pictures=model.picture_va(rows["pictures"]),
                predicted_va_music=model.music_va(rows["music"]),
                predicted_similarity=model.similarity(rows["pictures"], rows["music"]),
                predicted_va_quadrant=None if quadrant_music is None else model.music_va(quadrant_music),
                predicted_votes=self.votes(votes_music) if self.votes and votes_music is not None else None,
                predicted_va_taught=None if taught_music is None else model.music_va(taught_music),
                rng=torch.Generator().manual_seed(int(batch["step"])),
            )
            return self.objective(whole)


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
        labels = points(data.pictures["train"]), points(data.music["train"])
        self.sigma = emotion.mean_distance(*labels)
        self._frozen: list[nn.Module] = []
        self.steps_per_epoch = max(1, recipe.data.pairs // recipe.schedule.batch_size)
        if recipe.schedule.backbone_learning_rate:
            self.inputs = decoded_inputs(recipe, data, cache, progress)
            self.module = self._module(self._model(self.inputs.audio))
        else:
            model = self._model(recipe.model.audio)
            self.inputs = stored_inputs(recipe, model, data, cache, progress)
            # Networks that do not learn are neither averaged nor saved at every checkpoint.
            for encoder in (model.picture_encoder, model.music_encoder):
                self._frozen.append(encoder.backbone)
                encoder.add_module("backbone", nn.Identity())
            self.module = self._module(model)
        self.va_pictures = points(self.inputs.pictures.records)
        self.va_music = points(self.inputs.music.records)
        if self.inputs.quadrant_music is not None:
            self._balanced = BalancedDraw([record.source for record in self.inputs.quadrant_music.records])
        self._lessons = make_lessons(recipe.teacher, self.inputs)
        self._noisy_points = self._read_noisy_points()
        self._pairs: tuple[int, np.ndarray] = (-1, np.empty((0, 2), np.int64))

    def _read_noisy_points(self) -> Tensor | None:
        music, data = self.inputs.quadrant_music, self.recipe.data
        if music is None or data.noisy_points == "none":
            return None
        windows = music.clean(0, len(music.records))
        return noisy_points(data.noisy_points, music.records, windows, data_root(data.root))

    def _model(self, audio: AudioSettings) -> SpaceModel:
        recipe = self.recipe
        config = replace(recipe.model, sigma=self.sigma, audio=audio, picture=_picture_settings(recipe))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            model = SpaceModel(config)
        load_initial_weights(model.picture_encoder.backbone, recipe.initial.picture, config.picture_backbone)
        load_initial_weights(model.music_encoder.backbone, recipe.initial.music, config.music_backbone)
        return model

    def _module(self, model: SpaceModel) -> SpaceModule:
        options = self.recipe.objective
        objective = VASpaceObjective(
            self.sigma,
            options.weights,
            margin=options.margin,
            sign=options.sign,
            weighting=options.weighting,
            floor=options.floor,
            sampled=options.sampled or None,
            quadrant_margin=options.quadrant_margin,
        )
        voted = self.inputs.votes_music
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed)
            module = SpaceModule(model, objective, len(votes(voted.records[:1])[0]) if voted else 0)
        return module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def batch(self, step: int, rank: int, processes: int) -> dict[str, Tensor]:
        """Augmented pairs of a step; see :class:`va_space.training.engine.supervised.Task`."""
        epoch, position = divmod(step, self.steps_per_epoch)
        size = self.recipe.schedule.batch_size
        pairs = self._pairs_of(epoch)[position * size : (position + 1) * size][rank::processes]
        rng = step_rng(self.recipe.seed, step, rank)
        batch = {
            "pictures": self.inputs.pictures.take(pairs[:, 0], rng),
            "va_pictures": self.va_pictures[pairs[:, 0]],
            "music": self.inputs.music.take(pairs[:, 1], rng),
            "va_music": self.va_music[pairs[:, 1]],
            "step": torch.tensor(step),
        }
        if "pictures_again" in self.module.objective.needs:
            batch["pictures_again"] = self.inputs.pictures.take(pairs[:, 0], rng)
        schedule = self.recipe.schedule
        if self.inputs.quadrant_music is not None and schedule.quadrant_batch_size:
            chosen = self._balanced.draw(schedule.quadrant_batch_size // processes, rng)
            records = [self.inputs.quadrant_music.records[index] for index in chosen]
            batch["quadrant_music"] = self.inputs.quadrant_music.take(chosen, rng)
            batch["quadrants"] = quadrants(records)
            if self._noisy_points is not None:
                batch["noisy_va"] = self._noisy_points[chosen]
        if self._lessons:
            given = [lesson.draw(processes, rng) for lesson in self._lessons]
            batch["taught_music"], batch["taught_va"] = map(torch.cat, zip(*given, strict=True))
        if self.inputs.votes_music is not None:
            records = self.inputs.votes_music.records
            count = schedule.votes_batch_size // processes
            chosen = torch.randint(len(records), (count,), generator=rng).tolist()
            batch["votes_music"] = self.inputs.votes_music.take(chosen, rng)
            batch["votes"] = votes([records[index] for index in chosen])
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
        (seen, va_pictures), (heard, va_music) = self.held_out(module.model)
        predicted = va_pictures, va_music
        cosine = seen @ heard.T
        labels = points(self.inputs.held_pictures.records), points(self.inputs.held_music.records)
        similarity = self.held_similarity()
        metrics = {"spearman": float(stats.spearmanr(cosine.flatten(), similarity.flatten()).statistic)}
        for name, values, truth in zip(("picture", "music"), predicted, labels, strict=True):
            for axis, dimension in enumerate(("valence", "arousal")):
                r = stats.pearsonr(values[:, axis], truth[:, axis]).statistic
                metrics[f"{name}_{dimension}"] = float(r)
        correlations = [value for name, value in metrics.items() if name != "spearman"]
        return {**metrics, "score": 0.5 * metrics["spearman"] + 0.5 * float(np.mean(correlations))}

    def held_similarity(self) -> Tensor:
        """S of held-out pictures (n) and music (m) by their labels, (n, m)."""
        labels = points(self.inputs.held_pictures.records), points(self.inputs.held_music.records)
        return emotion.similarity(*labels, self.sigma)

    def held_out(self, model: SpaceModel) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """Vectors (n, dimension) and predicted valence-arousal (n, 2) of held-out pictures, and of music."""
        return (
            self.predict(model.picture_encoder, model.picture_va, self.inputs.held_pictures),
            self.predict(model.music_encoder, model.music_va, self.inputs.held_music),
        )

    def predict(
        self, encoder: PictureEncoder | MusicEncoder, predictor: VAPredictor, examples: Examples
    ) -> tuple[Tensor, Tensor]:
        """Vectors (n, dimension) and predicted valence-arousal (n, 2) of examples as inference has them."""
        device, count = next(predictor.parameters()).device, len(examples.records)
        with torch.no_grad():
            with torch.autocast(device.type, torch.bfloat16, self.recipe.precision != "32-true"):
                parts = [
                    encode(encoder, examples.clean(first, min(first + _AT_ONCE, count)).to(device))
                    for first in range(0, count, _AT_ONCE)
                ]
            vectors = torch.cat(parts)
            return vectors.cpu(), predictor(vectors).cpu()

    def save(self, module: nn.Module, folder: Path) -> None:
        """Write the model as :meth:`va_space.VASpace.from_pretrained` reads it."""
        assert isinstance(module, SpaceModule)
        encoders = module.model.picture_encoder, module.model.music_encoder
        for encoder, backbone in zip(encoders, self._frozen, strict=False):
            encoder.backbone = backbone
        save_model(module.model, folder)
        for encoder, _ in zip(encoders, self._frozen, strict=False):
            encoder.backbone = nn.Identity()


def _picture_settings(recipe: Recipe) -> PictureSettings:
    """The recipe's, but downloaded weights get pictures normalised as they were trained with."""
    settings, statistics = recipe.model.picture, None
    if recipe.initial.picture == "imagenet":
        statistics = pretrained_statistics(recipe.model.picture_backbone)
    return replace(settings, mean=statistics[0], std=statistics[1]) if statistics else settings


def encode(encoder: PictureEncoder | MusicEncoder, inputs: Tensor) -> Tensor:
    """Unit vectors of pictures uint8 (n, 3, H, W), of log-mel (n, channels, mels, frames), or of features."""
    if inputs.ndim == 2:
        return encoder.embed(inputs)
    scaled = inputs.float() / 255 if inputs.dtype == torch.uint8 else inputs.float()
    return encoder(scaled.contiguous(memory_format=torch.channels_last))
