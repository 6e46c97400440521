"""Training of the heads of texts: three sides, two of which are there and stay as they are."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from torch import Tensor, nn

from va_space.datasets.pairs import make_pairs
from va_space.datasets.records import Record
from va_space.datasets.sources import SpaceData
from va_space.emotion import plane
from va_space.emotion.reference import Distribution
from va_space.encoders.text.files import TextSide, save_text
from va_space.encoders.text.model import TextModel
from va_space.encoders.text.sentences import SentenceEncoder
from va_space.errors import DatasetError
from va_space.space import VASpace
from va_space.training.engine.cache import Progress
from va_space.training.engine.distributed import gather_batch
from va_space.training.recipe import Recipe
from va_space.training.space.calibration import apply_calibration, fit_calibration
from va_space.training.space.objective import DEFAULT_WEIGHTS, VASpaceObjective
from va_space.training.space.task import points
from va_space.training.space.terms import ObjectiveBatch
from va_space.training.text.inputs import rows_of, space_vectors, text_features

OTHERS = ("pictures", "music")
# In the losses texts take the side of the pictures, and those that they are compared with that of the music.
ACROSS, WITHIN = ("cfr", "cfm"), ("sfr_pictures",)


class TextModule(nn.Module):
    """The heads with their objective: a batch in, the terms of the loss out.

    Args:
        model: What is trained.
        sigma: Scale of S.
        recipe: Options and weights of the losses.
    """

    def __init__(self, model: TextModel, sigma: float, recipe: Recipe) -> None:
        super().__init__()
        self.model = model
        options = recipe.objective
        self.weights = {**DEFAULT_WEIGHTS, **options.weights}

        def objective(*names: str) -> VASpaceObjective:
            weights = {name: self.weights[name] if name in names else 0.0 for name in self.weights}
            return VASpaceObjective(
                sigma,
                weights,
                margin=options.margin,
                sign=options.sign,
                weighting=options.weighting,
                floor=options.floor,
                sampled=options.sampled or None,
            )

        self.objectives = nn.ModuleDict(
            {
                name: objective(*names)
                for name, names in (("across", ACROSS), ("within", WITHIN), ("va", ("va_pictures",)))
                if any(self.weights[each] for each in names)
            }
        )

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Terms of the loss over the global batch.

        Args:
            batch: This process's rows. For each of "pictures" and "music": "texts_..." (n, features) with
                "rated_..." (n, 2), their labels, and "felt_..." (n, 2), the same on the scale of the others;
                "others_..." (n, dimension) the vectors that they are paired with, and "va_..." (n, 2). And
                "step", the same in all processes.

        Returns:
            The terms, "pictures/cfr" being that of texts and pictures, and "total".
        """
        vectors = self.model(torch.cat([batch[f"texts_{name}"] for name in OTHERS]))
        local = {f"texts_{name}": part for name, part in zip(OTHERS, vectors.chunk(2), strict=True)}
        keys = ("rated", "felt", "others", "va")
        rows = gather_batch(
            local | {f"{key}_{name}": batch[f"{key}_{name}"] for key in keys for name in OTHERS}
        )
        every, rated, felt = (
            torch.cat([rows[f"{key}_{name}"] for name in OTHERS]) for key in ("texts", "rated", "felt")
        )
        rng = torch.Generator().manual_seed(int(batch["step"]))
        terms: dict[str, Tensor] = {}
        with torch.autocast(vectors.device.type, enabled=False):
            for name in OTHERS:
                texts, others, theirs, va = (
                    rows[f"{key}_{name}"] for key in ("texts", "others", "felt", "va")
                )
                terms |= self._terms("across", ObjectiveBatch(texts, others, theirs, va, rng=rng), f"{name}/")
            terms |= self._terms("within", ObjectiveBatch(every, every, felt, felt, rng=rng))
            terms |= self._terms("va", ObjectiveBatch(every, every, rated, rated, self.model.va(every)))
        weighted = [self.weights[name.split("/")[-1]] * term for name, term in terms.items()]
        return {**terms, "total": torch.stack(weighted).sum()}

    def _terms(self, name: str, batch: ObjectiveBatch, prefix: str = "") -> dict[str, Tensor]:
        if name not in self.objectives:
            return {}
        return {
            prefix + term: value for term, value in self.objectives[name](batch).items() if term != "total"
        }


@dataclass(frozen=True)
class Side:
    """One side of one part: its rows, and their labels.

    Attributes:
        values: (n, features) of texts, (n, dimension) of the others.
        va: (n, 2) labels in [0, 1].
        records: What they were made from.
    """

    values: Tensor
    va: Tensor
    records: list[Record]


class TextTask:
    """Training of the heads as the loop sees it.

    Args:
        recipe: What to train and how.
        space: Into what; it is left as it is.
        data: Texts, pictures and music.
        cache: Folder for features and vectors.
        progress: Called while they are computed.

    Raises:
        DatasetError: A part is empty.
        MissingExtraError: The extra ``text`` is not installed.
    """

    def __init__(
        self, recipe: Recipe, space: VASpace, data: SpaceData, cache: Path, progress: Progress
    ) -> None:
        sides = {"texts": data.texts, "pictures": data.pictures, "music": data.music}
        for name, parts in sides.items():
            if not parts["train"] or not parts["validation"]:
                raise DatasetError(f"nothing to train on: a part of the {name} is empty")
        self.recipe, self.space, self.sigma = recipe, space, space.config.sigma
        config = replace(recipe.text.model, dimension=space.config.dimension)
        encoder = SentenceEncoder(config, space.device)
        self.parts: dict[str, dict[str, Side]] = {}
        for part in ("train", "validation"):
            stored = {"texts": text_features(encoder, data.texts[part], cache, progress)}
            stored |= {name: space_vectors(space, sides[name][part], cache, progress) for name in OTHERS}
            self.parts[part] = {
                name: Side(rows_of(each), points(each.records), each.records) for name, each in stored.items()
            }
        train = self.parts["train"]
        own, shared = _distribution(train["texts"]), _distribution(train["pictures"])
        self._scales = own, shared.mixed(_distribution(train["music"]), 0.5)
        self.felt = {part: self._felt(sides["texts"].va) for part, sides in self.parts.items()}
        self.steps_per_epoch = max(1, recipe.data.pairs // recipe.schedule.batch_size)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.module = TextModule(TextModel(config, encoder.features), self.sigma, recipe)
        self._pairs: tuple[int, dict[str, np.ndarray]] = (-1, {})

    def batch(self, step: int, rank: int, processes: int) -> dict[str, Tensor]:
        """Pairs of a step; see :class:`va_space.training.engine.supervised.Task`."""
        epoch, position = divmod(step, self.steps_per_epoch)
        size, train = self.recipe.schedule.batch_size, self.parts["train"]
        batch = {"step": torch.tensor(step)}
        for name, pairs in self._pairs_of(epoch).items():
            texts, others = pairs[position * size : (position + 1) * size][rank::processes].T
            batch |= {
                f"texts_{name}": train["texts"].values[texts],
                f"rated_{name}": train["texts"].va[texts],
                f"felt_{name}": self.felt["train"][texts],
                f"others_{name}": train[name].values[others],
                f"va_{name}": train[name].va[others],
            }
        return batch

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Correlations on the validation parts.

        "score" is the mean of Pearson's correlations of predicted and rated valence and arousal, and of
        Spearman's of the cosine with S over all pairs of texts with pictures and with music.
        """
        assert isinstance(module, TextModule)
        held = self.parts["validation"]
        vectors, predicted = self._predict(module, held["texts"].values)
        metrics = {
            f"text_{axis}": float(stats.pearsonr(predicted[:, column], held["texts"].va[:, column]).statistic)
            for column, axis in enumerate(("valence", "arousal"))
        }
        for name in OTHERS:
            cosine = vectors @ held[name].values.T
            similarity = plane.similarity(self.felt["validation"], held[name].va, self.sigma)
            metrics[f"spearman_{name}"] = float(
                stats.spearmanr(cosine.flatten(), similarity.flatten()).statistic
            )
        return {**metrics, "score": float(np.mean(list(metrics.values())))}

    def save(self, module: nn.Module, folder: Path) -> None:
        """Write the heads, calibrated on the validation part, with how they predict for it."""
        assert isinstance(module, TextModule)
        held = self.parts["validation"]["texts"]
        predicted = self._predict(module, held.values)[1]
        groups = [record.group for record in held.records]
        apply_calibration(module.model.va, fit_calibration(predicted, held.va, groups))
        reference = Distribution.of(self._predict(module, held.values)[1])
        save_text(TextSide(module.model, reference), folder, self.space.fingerprint, dtype=torch.float16)

    def _predict(self, module: TextModule, features: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (n, dimension) and valence and arousal (n, 2), on the CPU."""
        device = next(module.parameters()).device
        with torch.no_grad():
            vectors = module.model(features.to(device))
            return vectors.cpu(), module.model.va(vectors).cpu()

    def _felt(self, rated: Tensor) -> Tensor:
        """Labels of texts (n, 2) as those of pictures and music that stand where they stand."""
        if self.recipe.text.labels == "absolute":
            return rated
        own, shared = self._scales
        return torch.from_numpy(shared.value(own.percentile(rated.numpy()))).float()

    def _pairs_of(self, epoch: int) -> dict[str, np.ndarray]:
        """(pairs, 2) indices of texts and of pictures, and of texts and music; new pairs each epoch."""
        if self._pairs[0] != epoch:
            train, found = self.parts["train"], {}
            for number, name in enumerate(OTHERS):
                state = np.random.SeedSequence([self.recipe.seed, epoch, number]).generate_state(1)
                pairs = make_pairs(
                    self.felt["train"], train[name].va, self.sigma, self.recipe.data.pairs, int(state[0])
                )
                found[name] = np.stack([pairs.picture, pairs.music], axis=1)
            self._pairs = (epoch, found)
        return self._pairs[1]


def _distribution(side: Side) -> Distribution:
    return Distribution.of(side.va)
