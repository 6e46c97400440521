"""The simple features against reference libraries, and the linear models on data made for them."""

import numpy as np
import pytest
import torch
from PIL import Image

pytest.importorskip("sklearn")

from va_space.benchmark import baselines
from va_space.media.mel import LogMel
from va_space.media.settings import AudioSettings

SETTINGS = AudioSettings(sample_rate=8000, window_seconds=1.0, n_fft=512, hop_length=256, n_mels=32)


def test_colour_means_and_deviations_equal_scikit_image():
    color = pytest.importorskip("skimage.color")
    pixels = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    features = baselines.colour_statistics(Image.fromarray(pixels))
    lab = color.rgb2lab(pixels).reshape(-1, 3) * [255 / 100, 1, 1] + [0, 128, 128]
    saturation_value = color.rgb2hsv(pixels).reshape(-1, 3)[:, 1:]
    channels = np.concatenate([lab / 255, saturation_value], axis=1)
    # Pillow's profile has the white point D50, to which it adapts, and rounds to 8 bits.
    np.testing.assert_allclose(features[:5], channels.mean(axis=0), atol=0.015)
    np.testing.assert_allclose(features[5:10], channels.std(axis=0), atol=0.015)
    np.testing.assert_allclose(features[15:20], np.median(channels, axis=0), atol=0.015)


def test_hue_counts_as_much_as_there_is_colour():
    half_red = Image.new("RGB", (128, 128), (128, 128, 128))
    half_red.paste((255, 0, 0), (0, 0, 64, 128))
    hues = baselines.colour_statistics(half_red)[-baselines.HUE_BINS :]
    np.testing.assert_allclose(hues, [0.5] + [0] * 11, atol=0.01)


def test_colour_statistics_know_nothing_of_place():
    pixels = np.random.default_rng(1).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    shuffled = np.random.default_rng(2).permutation(pixels.reshape(-1, 3)).reshape(128, 128, 3)
    first, second = (baselines.colour_statistics(Image.fromarray(image)) for image in (pixels, shuffled))
    np.testing.assert_allclose(first, second, atol=1e-9)


def test_loudness_is_one_number_and_the_bands_are_free_of_it():
    sound = np.random.default_rng(3).standard_normal((2, 8000)).astype(np.float32) * 0.1
    mel = LogMel(SETTINGS)
    loud, soft = baselines.mel_statistics(sound, mel), baselines.mel_statistics(sound / 10, mel)
    assert loud.shape == (2, 2 * 32 + 1)
    np.testing.assert_allclose(loud[:, :-1], soft[:, :-1], atol=1e-4)
    np.testing.assert_allclose(loud[:, -1] - soft[:, -1], 2, atol=1e-3)
    bands = mel(torch.from_numpy(sound))[:, 0].numpy()
    np.testing.assert_allclose(loud[:, :32], bands.mean(axis=-1), atol=1e-5)
    np.testing.assert_allclose(loud[:, 32:64], bands.std(axis=-1), atol=1e-5)


def test_silence_has_finite_statistics():
    assert np.isfinite(baselines.mel_statistics(np.zeros((1, 8000)), LogMel(SETTINGS))).all()


def test_ridge_finds_a_linear_signal_and_shrinks_noise_to_the_mean():
    random = np.random.default_rng(4)
    features = random.standard_normal((200, 10)) * 50 + 3
    signal = 0.5 + features @ random.standard_normal(10) / 500
    noise = random.uniform(size=200)
    ridge = baselines.fit_ridge(features, np.stack([signal, noise], axis=1), np.repeat(np.arange(40), 5))
    predicted = ridge.predict(features)
    assert np.corrcoef(predicted[:, 0], signal)[0, 1] > 0.999
    assert predicted[:, 1].std() < 0.3 * noise.std()


def test_the_strength_is_chosen_without_looking_across_groups():
    # Every group is known by its features, which say nothing of others: folds by item learn it by heart.
    random = np.random.default_rng(5)
    group = np.repeat(np.arange(20), 5)
    labels = random.uniform(size=20)[group]
    features = random.standard_normal((20, 30))[group] + 0.01 * random.standard_normal((100, 30))
    by_group = baselines.fit_ridge(features, labels[:, None], group)
    by_item = baselines.fit_ridge(features, labels[:, None], np.arange(100))
    strength = [model[-1].estimators_[0].alpha_ for model in (by_group, by_item)]
    assert strength[0] > 100 * strength[1]


def test_logistic_separates_what_can_be_separated():
    random = np.random.default_rng(6)
    classes = np.tile([1, 2, 3, 4], 30)
    centres = random.standard_normal((5, 6)) * 3
    features = centres[classes] + 0.3 * random.standard_normal((120, 6))
    model = baselines.fit_logistic(features, classes, np.repeat(np.arange(30), 4))
    assert (model.predict(features) == classes).mean() > 0.95
