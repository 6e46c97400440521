"""Learning to see, or to hear, from a network that already can (Hinton et al. 2015; Romero et al. 2015).

The student is a ResNet of the space. It learns the teacher's pooled features and class scores on unlabelled
media; the result is a file of first weights for ``initial.picture`` or ``initial.music`` of another recipe.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from va_space.atomic import replacing
from va_space.datasets.records import Record
from va_space.encoders.config import SpaceConfig
from va_space.networks.backbones import load_initial_weights
from va_space.networks.backbones.torchvision import TorchvisionResNet
from va_space.training.engine.augment import augment_mel, augment_picture, step_generator
from va_space.training.engine.cache import Cached, Progress, cached, cached_mels, cached_pictures, cut_windows
from va_space.training.pretraining.teachers import TaggerTeacher, music_teacher, picture_teacher
from va_space.training.recipe import Recipe
from va_space.training.space.examples import CACHED_SIDE

_VALIDATION_SHARE = 16


class Student(nn.Module):
    """A backbone with linear heads for the teacher's features and scores.

    Args:
        backbone: The network that learns; only a ResNet has the stages that learning needs.
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
        backbone: TorchvisionResNet,
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
        last = backbone.features
        self.to_features = nn.Linear(last + last // 2, features)
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


class DistillationTask:
    """Distillation as the loop sees it.

    Args:
        recipe: With its ``distillation`` section.
        records: Unlabelled pictures, or windows of music.
        root: Folder that the teacher's file is relative to.
        cache: Folder for decoded media.
        progress: Called while media are decoded.
    """

    def __init__(
        self, recipe: Recipe, records: Sequence[Record], root: Path, cache: Path, progress: Progress
    ) -> None:
        self.recipe = recipe
        options, config = recipe.distillation, recipe.model
        name = options.teacher if options.teacher.startswith("torchvision:") else str(root / options.teacher)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            if options.modality == "picture":
                student = self._picture_student(records, name, cache, progress)
            else:
                student = self._music_student(records, name, cache, progress)
            weights = recipe.initial.picture if options.modality == "picture" else recipe.initial.music
            backbone = config.picture_backbone if options.modality == "picture" else config.music_backbone
            load_initial_weights(student.backbone, weights, backbone)
        self.module = student.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        count = len(self.inputs.records)
        order = np.random.default_rng(recipe.seed).permutation(count)
        self.held_out, self.examples = np.split(order, [count // _VALIDATION_SHARE])
        self.steps_per_epoch = len(self.examples) // recipe.schedule.batch_size

    def _picture_student(
        self, records: Sequence[Record], teacher_name: str, cache: Path, progress: Progress
    ) -> Student:
        config, options = self.recipe.model, self.recipe.distillation
        side = round(config.picture.size * CACHED_SIDE)
        self.inputs = cached_pictures(records, side, cache, progress)
        self.features: Cached | None = None
        teacher = picture_teacher(teacher_name).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        some = torch.from_numpy(np.array(self.inputs.values[:: max(1, len(self.inputs.records) // 512)]))
        with torch.no_grad():
            features, scores = teacher(some.float() / 255)
        return Student(
            TorchvisionResNet(config.picture_backbone),
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
        self, records: Sequence[Record], teacher_name: str, cache: Path, progress: Progress
    ) -> Student:
        config = self.recipe.model
        self.inputs = cached_mels(records, config.audio, cache, progress)
        self.features = cached_music_features(self.inputs.records, config, teacher_name, cache, progress)
        features = torch.from_numpy(np.array(self.features.values))
        mean, std = torch.tensor(config.audio.mean), torch.tensor(config.audio.std)
        backbone = TorchvisionResNet(config.music_backbone, channels=1)
        return Student(backbone, None, features.shape[1], 0, mean, std, _statistics(features), 0.0, 1.0)

    def batch(self, step: int, rank: int, processes: int) -> dict[str, Tensor]:
        """Augmented examples of a step; see :class:`va_space.training.engine.loop.Task`."""
        epoch, position = divmod(step, self.steps_per_epoch)
        size = self.recipe.schedule.batch_size
        order = np.random.default_rng([self.recipe.seed, epoch]).permutation(self.examples)
        mine = order[position * size : (position + 1) * size][rank::processes]
        generator = step_generator(self.recipe.seed, step, rank)
        return self._assemble(mine, generator)

    def _assemble(self, indices: np.ndarray, generator: Generator | None) -> dict[str, Tensor]:
        options, size = self.recipe.augmentation, self.recipe.model.picture.size
        examples = [torch.from_numpy(np.array(self.inputs.values[index])) for index in indices]
        if self.features is None:
            if generator:
                examples = [augment_picture(example, size, options, generator) for example in examples]
            return {"inputs": torch.stack(examples)}
        examples = [example.float() for example in examples]
        if generator:
            examples = [augment_mel(example, options, generator) for example in examples]
        features = torch.from_numpy(np.array(self.features.values[indices]))
        return {"inputs": torch.stack(examples), "features": features}

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Share of the teacher's features' variance that is explained on held-out media, and the losses."""
        sums: dict[str, float] = {}
        size = self.recipe.schedule.batch_size
        chunks = [self.held_out[first : first + size] for first in range(0, len(self.held_out), size)]
        device = next(module.parameters()).device
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, self.recipe.precision != "32-true"):
            for chunk in chunks:
                batch = self._assemble(chunk, None)
                for name, value in module({key: value.to(device) for key, value in batch.items()}).items():
                    sums[name] = sums.get(name, 0.0) + float(value) * len(chunk) / len(self.held_out)
        return {**sums, "score": 1 - sums["features"]}

    def save(self, module: nn.Module, folder: Path) -> None:
        """Write the backbone as ``backbone.safetensors`` in torchvision's names."""
        from safetensors.torch import save

        assert isinstance(module, Student)
        state = {key: value.cpu().contiguous() for key, value in module.backbone.network.state_dict().items()}
        with replacing(folder / "backbone.safetensors") as beside:
            beside.write_bytes(save(state))


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
            return teacher(torch.from_numpy(cut_windows(same_file, settings))).numpy()

    key: dict[str, object] = {"teacher": Path(teacher_name).name, "seconds": settings.window_seconds}
    return cached("teacher", records, key, (512,), np.float32, convert, cache, progress)


def _statistics(features: Tensor) -> Tensor:
    return torch.stack([features.mean(dim=0), features.std(dim=0).clamp_min(1e-3)])
