"""What a model has to beat: simple features of the same media under linear models from scikit-learn.

Everything is fitted on the training part alone; the strength of the regularisation is chosen there by
cross-validation that keeps groups (themes, series, songs) on one side. Needs the extra ``benchmark``.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageCms

from va_space.media.mel import LogMel

FOLDS = 5
HUE_BINS = 12
PERCENTILES = (10, 50, 90)
THUMBNAIL = 128


def colour_statistics(image: Image.Image) -> NDArray[np.floating]:
    """Colour of a whole picture: the features of the colour baseline.

    Mean, standard deviation and 10th, 50th, 90th percentile of each channel of CIELAB and of saturation and
    value of HSV, then a histogram of hue weighted by saturation and value (the hue of grey means nothing).

    Args:
        image: An RGB picture; it is judged at 128 x 128 pixels.

    Returns:
        (37,) numbers of order 1.
    """
    small = image.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    # Pillow stores a* and b* as signed bytes; adding half a turn to unsigned ones puts neutral in the middle.
    lab = np.asarray(ImageCms.applyTransform(small, _srgb_to_lab())) + np.array([0, 128, 128], np.uint8)
    hsv = np.asarray(small.convert("HSV")).reshape(-1, 3) / 255
    channels = np.concatenate([lab.reshape(-1, 3) / 255, hsv[:, 1:]], axis=1)
    statistics = [channels.mean(axis=0), channels.std(axis=0), *np.percentile(channels, PERCENTILES, axis=0)]
    hues, _ = np.histogram(hsv[:, 0], bins=HUE_BINS, range=(0, 1), weights=hsv[:, 1] * hsv[:, 2])
    return np.concatenate([*statistics, hues / len(hsv)])


def mel_statistics(samples: ArrayLike, mel: LogMel) -> NDArray[np.floating]:
    """Timbre and loudness of sound: the features of the mel baseline.

    Args:
        samples: (n, samples) mono windows.
        mel: The transform of the model that is compared, so that both hear the same bands.

    Returns:
        (n, 2 * mels + 1): mean and standard deviation over time of each band's level-free log power, and the
        log power of the window, since loudness says much about arousal.
    """
    sound = torch.as_tensor(np.asarray(samples, np.float32))
    with torch.no_grad():
        bands = mel(sound)[:, 0].double()
    level = torch.log10(sound.double().square().mean(dim=-1, keepdim=True) + 1e-10)
    return torch.cat([bands.mean(dim=-1), bands.std(dim=-1, correction=0), level], dim=1).numpy()


def fit_ridge(features: NDArray[np.floating], targets: ArrayLike, groups: ArrayLike) -> Any:
    """Ridge regression on standardised features, one strength for each target.

    Args:
        features: (n, d) of the training part.
        targets: (n, t) labels, for example valence and arousal.
        groups: (n,) what must stay on one side when the strength is chosen.

    Returns:
        A fitted scikit-learn regressor whose ``predict`` takes (m, d) and gives (m, t).
    """
    from sklearn.linear_model import RidgeCV
    from sklearn.multioutput import MultiOutputRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    strengths = np.logspace(-1, 5, 13)
    ridge = RidgeCV(strengths, cv=_folds(features, groups), scoring="neg_mean_squared_error")
    return make_pipeline(StandardScaler(), MultiOutputRegressor(ridge)).fit(features, np.asarray(targets))


def fit_logistic(features: NDArray[np.floating], classes: ArrayLike, groups: ArrayLike) -> Any:
    """Logistic regression on standardised features.

    Args:
        features: (n, d) of the training part.
        classes: (n,) labels, for example quadrants 1-4.
        groups: (n,) what must stay on one side when the strength is chosen.

    Returns:
        A fitted scikit-learn classifier whose ``predict`` takes (m, d) and gives (m,) labels.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    strengths = {"logisticregression__C": np.logspace(-4, 1, 6)}
    return GridSearchCV(model, strengths, cv=_folds(features, groups)).fit(features, np.asarray(classes))


def _folds(features: NDArray[np.floating], groups: ArrayLike) -> list[tuple[Any, Any]]:
    from sklearn.model_selection import GroupKFold

    folds = min(FOLDS, len(np.unique(np.asarray(groups))))
    return list(GroupKFold(folds).split(features, groups=np.asarray(groups)))


def _srgb_to_lab() -> ImageCms.ImageCmsTransform:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.buildTransform(srgb, lab, "RGB", "LAB")
