"""What a classifier on a backbone that does not learn sees, computed once: rows of feature maps."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from va_space.datasets.records import Record
from va_space.encoders.emotion_classifier import EmotionModel
from va_space.media.pictures import load_picture, picture_to_tensor
from va_space.training.engine.augment import Augmentation, augment_picture, step_rng
from va_space.training.engine.cache import Cached, Progress, cached
from va_space.training.space.examples import CACHED_SIDE


def cached_rows(
    records: Sequence[Record],
    model: EmotionModel,
    weights: str,
    options: Augmentation,
    cache: Path,
    progress: Progress | None = None,
) -> Cached:
    """Rows of augmented views of pictures, float16 (n, views, rows, features); the first view is as it is.

    Args:
        records: Pictures.
        model: Whose backbone sees them.
        weights: Names the weights of the backbone.
        options: How to augment, and the number of views.
        cache: Folder for the rows.
        progress: Called while they are made.
    """
    size, views = model.config.picture.size, options.picture_views
    with torch.inference_mode():
        _, rows, features = model.rows(torch.zeros(1, 3, size, size)).shape

    def convert(same_file: Sequence[Record]) -> np.ndarray:
        side = round(size * CACHED_SIDE)
        image = load_picture(same_file[0].path, min_side=side)
        large = picture_to_tensor(image, side)
        seen = [picture_to_tensor(image, size)]
        seen += [augment_picture(large, size, options, step_rng(0, view, 0)) for view in range(1, views)]
        with torch.inference_mode():
            found = model.rows(torch.stack(seen).float() / 255).half().numpy()
        return np.stack([found] * len(same_file))

    key: dict[str, object] = {
        "weights": weights,
        "backbone": model.config.backbone,
        "stages": model.config.stages,
        "size": size,
        "augmentation": repr(options),
    }
    shape = (views, rows, features)
    return cached("emotion-rows", records, key, shape, np.float16, convert, cache, progress)
