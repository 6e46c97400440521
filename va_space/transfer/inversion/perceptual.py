"""How unlike two pictures are to the space's own picture backbone."""

import torch
from torch import Tensor
from torch.nn import functional

from va_space.media.pictures import resize_pictures
from va_space.space import VASpace


class PerceptualDistance:
    """Distance of pictures from one picture by the features of all stages of the picture backbone.

    A backbone's pooled features do not say where things are; seen over the whole picture and its four
    quarters they do, roughly. As in LPIPS (Zhang et al. 2018) each stage's features have unit norm.

    Args:
        space: Whose backbone to look with; its weights are left alone.
        picture: (1, 3, h, w) in [0, 1].
    """

    def __init__(self, space: VASpace, picture: Tensor) -> None:
        self.space = space
        with torch.no_grad():
            self.wanted = self._features(picture)

    def __call__(self, pictures: Tensor) -> Tensor:
        """(n, 3, h, w) in [0, 1] to (n,) in [0, 4], differentiable."""
        return torch.stack(
            [
                (ours - theirs).square().sum(dim=2).mean(dim=0)
                for ours, theirs in zip(self._features(pictures), self.wanted, strict=True)
            ]
        ).mean(dim=0)

    def _features(self, pictures: Tensor) -> list[Tensor]:
        """For each stage (5, n, channels)."""
        size = self.space.config.picture.size
        height, width = (-(-side // 2) for side in pictures.shape[2:])
        quarters = [
            part
            for half in (pictures[:, :, :height], pictures[:, :, -height:])
            for part in (half[..., :width], half[..., -width:])
        ]
        looks = torch.cat([resize_pictures(part, size) for part in (pictures, *quarters)])
        stages = self.space.picture_stages(looks)
        return [functional.normalize(stage, dim=1).view(5, len(pictures), -1) for stage in stages]
