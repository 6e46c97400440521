"""What is minimised: L_S + λ L_O (Kaniwa et al., eq. 6-7), over a few views of each picture.

L_S says how unlike the target a picture feels; L_O, the generator's identity distance, how far the picture
has come from itself. Encoders have directions that no person sees; over several views there are fewer.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur

from va_space.media.pictures import resize_pictures
from va_space.space import VASpace
from va_space.targets import Target

SMALLEST_CROP = 0.75
LARGEST_BLUR = 1.0
# Smooths the distance to a point at zero; no one tells feelings apart that are this near.
_NEAR = 0.01


class EmotionLoss:
    """L_S of pictures under a space, one target a row.

    Args:
        space: The model to optimise against; its weights are left alone.
        targets: One for each row of the pictures.
    """

    def __init__(self, space: VASpace, targets: Sequence[Target]) -> None:
        nothing = np.zeros(space.config.dimension, np.float32)
        vectors = [nothing if target.vector is None else target.vector for target in targets]
        device = space.device
        self.space = space
        self.vectors = torch.as_tensor(np.stack(vectors), device=device)
        self.points = torch.as_tensor(np.stack([target.point for target in targets]), device=device)
        self.is_music = torch.tensor([target.vector is not None for target in targets], device=device)

    def __call__(self, pictures: Tensor, look: int = 0) -> tuple[Tensor, Tensor]:
        """The loss of pictures at a single look of the encoder, differentiable.

        An encoder that looks several times errs less in the mean, at several times the price; here the views
        of many steps are that mean.

        Args:
            pictures: (n, 3, size, size) in [0, 1], as the encoder takes them.
            look: Which look, counted round.

        Returns:
            (n,) 1 - cosine to the music, or distance to the point; and (n, 2) predicted valence-arousal.
        """
        features = self.space.embed_pictures(pictures, view=look)
        va = self.space.va_predictor("picture")(features)
        apart = torch.sqrt((va - self.points).square().sum(dim=1) + _NEAR**2) - _NEAR
        cosine = (features * self.vectors).sum(dim=1)
        return torch.where(self.is_music, 1 - cosine, apart), va


def views(pictures: Tensor, size: int, count: int, rng: torch.Generator) -> Iterator[Tensor]:
    """Looks at pictures: first the whole, then random crops, mirrored and blurred at random.

    All pictures are looked at alike, so that results differ by their targets alone.

    Args:
        pictures: (n, 3, h, w) in [0, 1].
        size: Side of the views.
        count: How many, >= 1.
        rng: Where the random numbers come from.

    Yields:
        (n, 3, size, size) in [0, 1].
    """
    yield resize_pictures(pictures, size)
    height, width = pictures.shape[2:]
    for _ in range(count - 1):
        scale, down, right, mirrored, blur = torch.rand(5, generator=rng).tolist()
        share = SMALLEST_CROP + (1 - SMALLEST_CROP) * scale
        crop_height, crop_width = max(1, round(share * height)), max(1, round(share * width))
        top, left = round(down * (height - crop_height)), round(right * (width - crop_width))
        view = resize_pictures(pictures[:, :, top : top + crop_height, left : left + crop_width], size)
        if mirrored < 0.5:
            view = view.flip(3)
        yield gaussian_blur(view, [5, 5], [0.1 + blur * LARGEST_BLUR] * 2)
