"""A classifier of emotions as the training loop sees it; rare classes weigh as much as others."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from va_space.datasets.emotions import majority
from va_space.datasets.records import Record
from va_space.datasets.splits import split_by_group
from va_space.encoders.emotion_classifier import EmotionConfig, EmotionModel, save_emotion_model
from va_space.encoders.pretrained import load_model
from va_space.errors import DatasetError
from va_space.media.pictures import resize_pictures
from va_space.networks.backbones import load_initial_weights
from va_space.training.emotions.inputs import cached_rows
from va_space.training.engine.augment import augment_picture
from va_space.training.engine.cache import Progress, cached_pictures
from va_space.training.engine.trainer import Batch
from va_space.training.pretraining.task import PretrainingTask
from va_space.training.recipe import Recipe
from va_space.training.space.examples import CACHED_SIDE

_HELD_OUT = 0.15


class EmotionModule(nn.Module):
    """The network with its loss: cross-entropy, every class weighing the same.

    Args:
        model: What is trained.
        weights: (classes,) of each class.
    """

    def __init__(self, model: EmotionModel, weights: Tensor) -> None:
        super().__init__()
        self.model = model
        self.weights: Tensor
        self.register_buffer("weights", weights, persistent=False)

    def scores(self, batch: dict[str, Tensor]) -> Tensor:
        """(n, classes) of a batch with "rows", or with "inputs", uint8 pictures."""
        if "rows" in batch:
            found: Tensor = self.model.head(batch["rows"])
            return found
        scores: Tensor = self.model(batch["inputs"].float() / 255)
        return scores

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The loss of a batch with "labels" besides."""
        scores = self.scores(batch).float()
        return {"total": functional.cross_entropy(scores, batch["labels"], self.weights)}


class EmotionTask(PretrainingTask):
    """Training of a classifier of emotions.

    Args:
        recipe: With its ``emotions`` section.
        records: Pictures with votes for words.
        cache: Folder for decoded pictures and rows.
        progress: Called while they are made.
        held_out: The records that validate; None takes some groups of `records`.

    Raises:
        DatasetError: There are fewer than two words with enough pictures.
        ConfigError: The backbone has no feature maps.
    """

    def __init__(
        self,
        recipe: Recipe,
        records: Sequence[Record],
        cache: Path,
        progress: Progress | None = None,
        held_out: Sequence[Record] | None = None,
    ) -> None:
        learnt, held_out = _parts(records, held_out, recipe.seed)
        self.labels = common_words(learnt, recipe.emotions.fewest)
        # In one order, whoever is held out: what is cached serves every fold.
        kept = sorted((*learnt, *held_out), key=lambda record: (str(record.path), record.start))
        kept = [record for record in kept if majority(record) in self.labels]
        model, weights = make_model(recipe, self.labels)
        self.size = model.config.picture.size
        self.frozen = recipe.schedule.backbone_learning_rate == 0
        if self.frozen:
            model.backbone.requires_grad_(False)
            self.inputs = cached_rows(kept, model.eval(), weights, recipe.augmentation, cache, progress)
        else:
            side = round(self.size * CACHED_SIDE)
            self.inputs = cached_pictures(kept, side, cache, progress)
        self.targets = np.array([self.labels.index(majority(each) or "") for each in self.inputs.records])
        validates = {record.path for record in held_out}
        is_held_out = np.array([record.path in validates for record in self.inputs.records])
        examples, held = np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)
        counts = np.bincount(self.targets[examples], minlength=len(self.labels))
        balance = torch.from_numpy(len(examples) / len(self.labels) / np.maximum(counts, 1)).float()
        super().__init__(recipe, EmotionModule(model, balance), examples, held)

    def assemble(self, rows: np.ndarray, rng: Generator | None) -> Batch:
        """See :class:`PretrainingTask`."""
        labels = torch.from_numpy(self.targets[rows])
        if self.frozen:
            views = self.inputs.values.shape[1]
            chosen = np.zeros(len(rows), np.int64)
            if rng:
                chosen = torch.randint(views, (len(rows),), generator=rng).numpy()
            return {"rows": torch.from_numpy(self.inputs.values[rows, chosen]).float(), "labels": labels}
        size, options = self.size, self.recipe.augmentation
        pictures = [torch.from_numpy(np.array(self.inputs.values[row])) for row in rows]
        if rng:
            pictures = [augment_picture(picture, size, options, rng) for picture in pictures]
        else:
            small = resize_pictures(torch.stack(pictures).float() / 255, size)
            return {"inputs": (255 * small).round().byte(), "labels": labels}
        return {"inputs": torch.stack(pictures), "labels": labels}

    def predict(self, module: nn.Module) -> np.ndarray:
        """Classes (n,) of the held-out pictures."""
        assert isinstance(module, EmotionModule)
        device = next(module.parameters()).device
        found = [module.scores(batch).argmax(dim=1).cpu() for batch in self.held_out_batches(device)]
        return torch.cat(found).numpy()

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Accuracy, and the mean of the classes' F1, on held-out pictures."""
        actual = self.targets[self.held_out]
        predicted = self.predict(module)
        f1 = macro_f1(predicted, actual, len(self.labels))
        return {"accuracy": float((predicted == actual).mean()), "macro_f1": f1, "score": f1}

    def save(self, module: nn.Module, folder: Path) -> None:
        """Write the classifier."""
        assert isinstance(module, EmotionModule)
        save_emotion_model(module.model, folder)


def common_words(records: Sequence[Record], fewest: int) -> tuple[str, ...]:
    """The words that are the majority of enough pictures, sorted.

    Raises:
        DatasetError: There are fewer than two.
    """
    counts = Counter(word for record in records if (word := majority(record)) is not None)
    words = tuple(sorted(word for word, count in counts.items() if count >= fewest))
    if len(words) < 2:
        found = ", ".join(f"{word} ({count})" for word, count in counts.most_common(8)) or "none"
        raise DatasetError(
            f"two words with {fewest} pictures each are the least to learn from; there are: {found}"
        )
    return words


def make_model(recipe: Recipe, labels: tuple[str, ...]) -> tuple[EmotionModel, str]:
    """The network with its first weights, and a name for those of its backbone."""
    options, picture = recipe.emotions, recipe.model.picture
    if options.backbone == "space":
        space, weights = load_model(options.space or None)
        backbone, picture = space.config.picture_backbone, space.config.picture
    else:
        space, backbone, weights = None, options.backbone, f"{recipe.initial.picture} {recipe.seed}"
    config = EmotionConfig(labels, backbone, options.stages, picture, options.hidden, options.dropout)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = EmotionModel(config)
        if space is None:
            load_initial_weights(model.backbone, recipe.initial.picture, backbone)
        else:
            model.backbone.load_state_dict(space.picture_encoder.backbone.state_dict())
    return model, weights


def macro_f1(predicted: np.ndarray, actual: np.ndarray, classes: int) -> float:
    """Mean of the classes' F1; a class that neither is there nor predicted counts as 0."""
    scores = []
    for each in range(classes):
        right = float(((predicted == each) & (actual == each)).sum())
        named = float((predicted == each).sum() + (actual == each).sum())
        scores.append(2 * right / named if named else 0.0)
    return float(np.mean(scores))


def _parts(
    records: Sequence[Record], held_out: Sequence[Record] | None, seed: int
) -> tuple[Sequence[Record], Sequence[Record]]:
    if held_out is not None:
        return records, held_out
    parts = split_by_group(records, {"train": 1 - _HELD_OUT, "validation": _HELD_OUT}, seed)
    return parts["train"], parts["validation"]
