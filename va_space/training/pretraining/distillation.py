"""Learning to see, or to hear, from a network that already can (Hinton et al. 2015; Romero et al. 2015).

The student is a backbone of the space. It learns the teacher's pooled features and class scores on unlabelled
media; the result is a file of first weights for ``initial.picture`` or ``initial.music`` of another recipe.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from va_space.datasets.records import Record
from va_space.encoders.config import SpaceConfig
from va_space.errors import ConfigError
from va_space.networks.backbone import Backbone
from va_space.networks.backbones import load_initial_weights, make_backbone
from va_space.training.engine.augment import augment_mel, augment_picture
from va_space.training.engine.cache import (
    Cached,
    Progress,
    cached,
    cached_mels,
    cached_pictures,
    read_windows,
)
from va_space.training.engine.trainer import Batch
from va_space.training.pretraining.task import PretrainingTask
from va_space.training.pretraining.teachers import TaggerTeacher, music_teacher, picture_teacher
from va_space.training.recipe import Recipe
from va_space.training.space.examples import CACHED_SIDE

_VALIDATION_SHARE = 16


class Student(nn.Module):
    """A backbone with linear heads for the teacher's features and scores.

    Args:
        backbone: The network that learns, by what its last two stages see.
        shape: (channels, height, width) of one input.
        teacher: Picture teacher, applied to the same crops; None when the batch brings the features.
        features: Number of the teacher's features.
        scores: Number of its class scores, 0 for none.
        mean: Mean of the input.
        std: Its standard deviation.
        statistics: (2, features): mean and deviation of the teacher's features, which standardise them.
        weight: Weight of the class scores.
        temperature: Softens them.
    """

    def __init__(
        self,
        backbone: Backbone,
        shape: Sequence[int],
        teacher: nn.Module | None,
        features: int,
        scores: int,
        mean: Tensor,
        std: Tensor,
        statistics: Tensor,
        weight: float,
        temperature: float,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.teacher = [teacher]  # in a list: neither trained, nor averaged, nor saved
        with torch.no_grad():
            widths = [stage.shape[1] for stage in backbone.eval().stages(torch.zeros(1, *shape))]
        if len(widths) < 2:
            raise ConfigError(f"{type(backbone).__name__} has no stages that distillation could learn by")
        last = widths[-1]
        self.to_features = nn.Linear(last + widths[-2], features)
        self.to_scores = nn.Linear(last, scores) if scores else None
        self.mean: Tensor
        self.std: Tensor
        self.statistics: Tensor
        for name, value in (("mean", mean), ("std", std), ("statistics", statistics)):
            self.register_buffer(name, value, persistent=False)
        self.weight, self.temperature = weight, temperature

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Loss terms of a batch with "inputs" and, without a teacher, "features"."""
        inputs = batch["inputs"].float() / (255 if batch["inputs"].dtype == torch.uint8 else 1)
        scores = None
        if self.teacher[0] is None:
            features = batch["features"]
        else:
            with torch.no_grad():
                features, scores = self.teacher[0](inputs.contiguous(memory_format=torch.channels_last))
        inputs = ((inputs - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        *_, third, fourth = self.backbone.stages(inputs)
        predicted = self.to_features(torch.cat([third, fourth], dim=1))
        target = (features.float() - self.statistics[0]) / self.statistics[1]
        terms = {"features": functional.mse_loss(predicted.float(), target)}
        terms["total"] = terms["features"]
        if self.to_scores is not None and scores is not None:
            soft = (scores.float() / self.temperature).softmax(dim=1)
            predicted = self.to_scores(fourth).float() / self.temperature
            entropy = torch.special.entr(soft).sum(dim=1).mean()
            terms["scores"] = functional.cross_entropy(predicted, soft) - entropy
            terms["total"] = terms["total"] + self.weight * self.temperature**2 * terms["scores"]
        return terms


class DistillationTask(PretrainingTask):
    """Distillation as the loop sees it.

    Args:
        recipe: With its ``distillation`` section.
        records: Unlabelled pictures, or windows of music.
        root: Folder that the teacher's file is relative to.
        cache: Folder for decoded media.
        progress: Called while media are decoded.

    Raises:
        ConfigError: The recipe's backbone has no stages to learn by.
    """

    def __init__(
        self, recipe: Recipe, records: Sequence[Record], root: Path, cache: Path, progress: Progress
    ) -> None:
        options, config = recipe.distillation, recipe.model
        name = options.teacher if options.teacher.startswith("torchvision:") else str(root / options.teacher)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            if options.modality == "picture":
                student = self._picture_student(recipe, records, name, cache, progress)
                weights, backbone = recipe.initial.picture, config.picture_backbone
            else:
                student = self._music_student(recipe, records, name, cache, progress)
                weights, backbone = recipe.initial.music, config.music_backbone
            load_initial_weights(student.backbone, weights, backbone)
        count = len(self.inputs.records)
        order = np.random.default_rng(recipe.seed).permutation(count)
        held_out, examples = np.split(order, [count // _VALIDATION_SHARE])
        super().__init__(recipe, student, examples, held_out)

    def _picture_student(
        self, recipe: Recipe, records: Sequence[Record], teacher_name: str, cache: Path, progress: Progress
    ) -> Student:
        config, options = recipe.model, recipe.distillation
        side = round(config.picture.size * CACHED_SIDE)
        self.inputs = cached_pictures(records, side, cache, progress)
        self.features: Cached | None = None
        teacher = picture_teacher(teacher_name).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        some = torch.from_numpy(np.array(self.inputs.values[:: max(1, len(self.inputs.records) // 512)]))
        with torch.no_grad():
            features, scores = teacher(some.float() / 255)
        return Student(
            make_backbone(config.picture_backbone),
            (3, config.picture.size, config.picture.size),
            teacher,
            features.shape[1],
            scores.shape[1],
            torch.tensor(config.picture.mean).view(3, 1, 1),
            torch.tensor(config.picture.std).view(3, 1, 1),
            _statistics(features),
            options.scores,
            options.temperature,
        )

    def _music_student(
        self, recipe: Recipe, records: Sequence[Record], teacher_name: str, cache: Path, progress: Progress
    ) -> Student:
        config = recipe.model
        self.inputs = cached_mels(records, config.audio, cache, progress)
        self.features = cached_music_features(self.inputs.records, config, teacher_name, cache, progress)
        features = torch.from_numpy(np.array(self.features.values))
        mean, std = torch.tensor(config.audio.mean), torch.tensor(config.audio.std)
        backbone = make_backbone(config.music_backbone, config.audio.channels)
        shape, length = self.inputs.values.shape[1:], features.shape[1]
        return Student(backbone, shape, None, length, 0, mean, std, _statistics(features), 0.0, 1.0)

    def assemble(self, rows: np.ndarray, rng: Generator | None) -> Batch:
        """See :class:`PretrainingTask`."""
        options, size = self.recipe.augmentation, self.recipe.model.picture.size
        examples = [torch.from_numpy(np.array(self.inputs.values[row])) for row in rows]
        if self.features is None:
            if rng:
                examples = [augment_picture(example, size, options, rng) for example in examples]
            return {"inputs": torch.stack(examples)}
        examples = [example.float() for example in examples]
        if rng:
            examples = [augment_mel(example, options, rng) for example in examples]
        features = torch.from_numpy(np.array(self.features.values[rows]))
        return {"inputs": torch.stack(examples), "features": features}

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Share of the teacher's features' variance that is explained on held-out media, and the losses."""
        sums: dict[str, float] = {}
        for batch in self.held_out_batches(next(module.parameters()).device):
            share = len(batch["inputs"]) / len(self.held_out)
            for name, value in module(batch).items():
                sums[name] = sums.get(name, 0.0) + float(value) * share
        return {**sums, "score": 1 - sums["features"]}


def cached_music_features(
    records: Sequence[Record],
    config: SpaceConfig,
    teacher_name: str,
    cache: Path,
    progress: Progress | None = None,
) -> Cached:
    """Features of a music teacher for each record's window, float32 (n, features)."""
    teacher = music_teacher(teacher_name)
    settings = replace(config.audio, sample_rate=TaggerTeacher.sample_rate)

    def convert(same_file: Sequence[Record]) -> np.ndarray:
        with torch.inference_mode():
            return teacher(torch.from_numpy(read_windows(same_file, settings))).numpy()

    key: dict[str, object] = {"teacher": Path(teacher_name).name, "seconds": settings.window_seconds}
    return cached("teacher", records, key, (512,), np.float32, convert, cache, progress)


def _statistics(features: Tensor) -> Tensor:
    return torch.stack([features.mean(dim=0), features.std(dim=0).clamp_min(1e-3)])
