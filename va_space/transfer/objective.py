"""What is minimised: L_S + λ L_O (Kaniwa et al., eq. 6-7), over views of each picture.

L_S says how unlike the target a picture feels; L_O how far it has come from itself. Encoders have directions
that no person sees; over several views there are fewer, and what colours alone say counts besides
(:mod:`va_space.transfer.colour`).
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur

from va_space.emotion.reference import Distribution, Kind
from va_space.media.pictures import resize_pictures
from va_space.space import VASpace
from va_space.targets import Target
from va_space.transfer.colour import clipping, colour_feeling

View = Callable[[Tensor], Tensor]

SMALLEST_CROP = 0.75
LARGEST_BLUR = 1.0
# Shares of a normal distribution below one standard deviation to either side of its mean.
_BELOW, _ABOVE = 0.1587, 0.8413
# A picture that clips entirely is so many standard deviations wrong: a twentieth of it matters.
_CLIPPING = 20.0
# What counts for vectors as one standard deviation.
_VECTORS_APART = 0.1
# Of predicted valence and arousal, for models that do not know theirs.
_USUAL_SPREAD = 0.1, 0.1


class Feeling:
    """How unlike their targets pictures feel, one target a row.

    A target without a vector is a point among pictures. A picture's place is where the original is
    predicted to be, plus what the picture differs from the original in the same view, plus what its colours
    do. Distances are in standard deviations of pictures, so that valence and arousal weigh alike. A target
    with a vector is that vector, as in the paper.

    Args:
        space: The model to optimise against; its weights are left alone.
        original: (1, 3, h, w) in [0, 1], the picture that is changed.
        targets: One for each row of the pictures.
        kind: What the picture is, for the standard deviations.
    """

    def __init__(
        self, space: VASpace, original: Tensor, targets: Sequence[Target], kind: Kind | None = None
    ) -> None:
        nothing = np.zeros(space.config.dimension, np.float32)
        vectors = [nothing if target.vector is None else target.vector for target in targets]
        device = space.device
        self.space, self.original = space, original.detach()
        self.spread = torch.tensor(picture_spread(space, kind), device=device)
        self.vectors = torch.as_tensor(np.stack(vectors), device=device)
        self.points = torch.as_tensor(np.stack([target.point for target in targets]), device=device)
        self.has_vector = torch.tensor([target.vector is not None for target in targets], device=device)
        self.predictor = space.va_predictor("picture")
        with torch.no_grad():
            self.here = self.predictor(space.embed_pictures(self.original))
            self.colours = colour_feeling(self.original)
            self.clipped = clipping(self.original)

    def residuals(
        self, pictures: Tensor, view: View | None = None, look: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """What is missing from pictures to their targets, differentiable.

        Args:
            pictures: (n, 3, h, w) in [0, 1], of the original's size.
            view: How they are looked at; by default as a whole.
            look: Which of the encoder's own views to take, counted round; by default all, at several times
                the price.

        Returns:
            (n, 3), of which half the squared length is L_S: target minus place in standard deviations, for a
            vector the distance to it in tenths and 0, so that L_S is 100 (1 - cosine); and what has clipped.
            And (n, 2) predicted valence and arousal.
        """
        size = self.space.config.picture.size
        see = view or (lambda seen: resize_pictures(seen, size))
        seen = see(torch.cat([pictures, self.original]))
        features = self.space.embed_pictures(seen, view=look)
        va = self.predictor(features)
        place = self.here + va[:-1] - va[-1:].detach()
        moved = colour_feeling(pictures) - self.colours
        missing = (self.points - place) / self.spread - moved
        cosine = (features[:-1] * self.vectors).sum(dim=1)
        apart = (2 - 2 * cosine).clamp(min=1e-6).sqrt()
        by_vector = torch.stack([apart / _VECTORS_APART, torch.zeros_like(apart)], dim=1)
        wrong = torch.where(self.has_vector[:, None], by_vector, missing)
        clipped = -_CLIPPING * (clipping(pictures) - self.clipped).clamp(min=0)
        return torch.cat([wrong, clipped[:, None]], dim=1), place


def picture_spread(space: VASpace, kind: Kind | None = None) -> tuple[float, float]:
    """Standard deviations of predicted valence and arousal of pictures of a kind."""
    if space.reference is None:
        return _USUAL_SPREAD
    distribution: Distribution = space.reference.of(kind or "photograph")
    low, high = distribution.value([[_BELOW] * 2, [_ABOVE] * 2])
    valence, arousal = np.maximum((high - low) / 2, 1e-3).tolist()
    return valence, arousal


def random_view(size: int, rng: torch.Generator) -> View:
    """A random crop, mirrored and blurred at random; the same for all pictures.

    Args:
        size: Side of the view.
        rng: Where the random numbers come from.

    Returns:
        From (n, 3, h, w) in [0, 1] to (n, 3, size, size).
    """
    scale, down, right, mirrored, blur = torch.rand(5, generator=rng).tolist()
    share = SMALLEST_CROP + (1 - SMALLEST_CROP) * scale

    def view(pictures: Tensor) -> Tensor:
        height, width = pictures.shape[2:]
        crop_height, crop_width = max(1, round(share * height)), max(1, round(share * width))
        top, left = round(down * (height - crop_height)), round(right * (width - crop_width))
        seen = resize_pictures(pictures[:, :, top : top + crop_height, left : left + crop_width], size)
        if mirrored < 0.5:
            seen = seen.flip(3)
        return gaussian_blur(seen, [5, 5], [0.1 + blur * LARGEST_BLUR] * 2)

    return view
