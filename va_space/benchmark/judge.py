"""What another model than the one optimised against sees in edited pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from va_space.benchmark.edits import Edit, Kept
from va_space.benchmark.metrics import Floats
from va_space.space import VASpace


@dataclass(frozen=True)
class Outcome:
    """Edits of p pictures for m pieces of music each.

    Attributes:
        before: (p, 1, 2) valence and arousal of the originals.
        after: (p, m, 2) of the edits.
        ssim: (p, m) structural similarity to the original.
        features: (p, m) cosine of backbone features to the original's.
        difference: (p,) root mean square difference of outputs, mean over pairs of music.
    """

    before: Floats
    after: Floats
    ssim: Floats
    features: Floats
    difference: Floats


class Judge:
    """A model that looks at edits.

    Args:
        space: The model.
    """

    def __init__(self, space: VASpace) -> None:
        self.space = space

    @torch.inference_mode()
    def look(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 3, h, w) in [0, 1] to valence and arousal, (n, 2), and unit backbone features, (n, f)."""
        vectors, features = self.space.embed_pictures(pictures, return_features=True)
        va = self.space.va_predictor("picture")(vectors)
        return va.cpu(), functional.normalize(features.float(), dim=1).cpu()

    def keeps_features(self, picture: Tensor) -> Kept:
        """How alike the backbone features of edits and of a picture, (3, h, w), are: their cosine."""
        _, original = self.look(picture[None])
        return lambda edited: self.look(edited)[1] @ original[0]

    @torch.inference_mode()
    def outcome(self, edits: Sequence[Edit], pictures: Tensor, strengths: Tensor) -> Outcome:
        """Look at edits of pictures.

        Args:
            edits: One for each picture.
            pictures: (p, 3, h, w) the originals.
            strengths: (p, m).
        """
        before, originals = self.look(pictures)
        after, similar, alike, different = [], [], [], []
        for edit, picture, original, strength in zip(edits, pictures, originals, strengths, strict=True):
            edited = edit(strength)
            va, features = self.look(edited)
            after.append(va)
            similar.append(keeps_structure(picture)(edited))
            alike.append(features @ original)
            pairs = [(a - b).square().mean().sqrt() for a, b in combinations(edited, 2)]
            different.append(torch.stack(pairs).mean())
        columns = (before[:, None], *map(torch.stack, (after, similar, alike, different)))
        return Outcome(*(column.double().numpy() for column in columns))


def keeps_structure(picture: Tensor) -> Kept:
    """SSIM of edits to a picture, (3, h, w)."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    def kept(edited: Tensor) -> Tensor:
        original = picture.expand_as(edited)
        values = structural_similarity_index_measure(edited, original, data_range=1.0, reduction="none")
        return torch.as_tensor(values).reshape(len(edited))

    return kept


def toward(outcome: Outcome, points: Floats) -> Floats:
    """How much nearer edits came to (m, 2) points than the originals were: (p, m)."""
    return np.linalg.norm(outcome.before - points, axis=-1) - np.linalg.norm(outcome.after - points, axis=-1)


def following(outcome: Outcome, points: Floats) -> Floats:
    """Slopes, within each picture, of what was reached on what was asked for: (2,).

    What all music does alike to a picture does not count.

    Args:
        outcome: Of edits.
        points: (m, 2) asked for.
    """
    asked = points - points.mean(axis=0)
    reached = outcome.after - outcome.after.mean(axis=1, keepdims=True)
    return (reached * asked).sum(axis=(0, 1)) / (len(reached) * np.square(asked).sum(axis=0))


def drift(outcome: Outcome) -> float:
    """Length of the mean movement over all pictures and music."""
    return float(np.linalg.norm((outcome.after - outcome.before).mean(axis=(0, 1))))
