"""Augmentation that keeps the feeling: no colour jitter, no tempo change.

Every function draws from the rng it is given: a step's batch depends on the seed and the step alone.
"""

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import torch
from pydantic import Field
from torch import Generator, Tensor
from torch.nn import functional
from torchvision.transforms.v2 import functional as pictures_functional

from va_space.training.engine.schedule import Count, NotNegative, Share

SMALLEST = 3.0  # a picture is made at most this many times smaller
JPEG_QUALITY = 40, 95


@dataclass(frozen=True)
class Augmentation:
    """Changes that keep the feeling.

    Attributes:
        smallest_crop: Smallest part of a picture's area that a random crop keeps.
        erase: Probability that a rectangle of the picture is greyed.
        degrade: Probability that a picture is first made up to three times smaller, and, on its own, that it
            goes through a JPEG file of quality 40 to 95.
        time_masks: SpecAugment masks along time, each at most an eighth of the window.
        frequency_masks: SpecAugment masks along frequency, each at most an eighth of the bands.
        equaliser: Standard deviation, in decades of power, of a smooth random frequency response.
        noise: Probability that a noise floor is raised to up to -20 dB.
        picture_views: Where backbones do not learn: views made once of each picture, the first as it is.
        music_views: The same of each window of music.
    """

    smallest_crop: Annotated[float, Field(gt=0, le=1)] = 0.6
    erase: Share = 0.0
    degrade: Share = 0.0
    time_masks: Annotated[int, Field(ge=0)] = 2
    frequency_masks: Annotated[int, Field(ge=0)] = 2
    equaliser: NotNegative = 0.3
    noise: Share = 0.3
    picture_views: Count = 4
    music_views: Count = 2


def step_rng(seed: int, step: int, rank: int) -> Generator:
    """The source of randomness of one step in one process, independent of all steps before it."""
    state = np.random.SeedSequence([seed, step, rank]).generate_state(1, np.uint64)[0]
    return Generator().manual_seed(int(state) >> 1)


def uniform(rng: Generator, low: float, high: float) -> float:
    """One number, evenly from [low, high)."""
    return low + (high - low) * float(torch.rand((), generator=rng))


def augment_picture(picture: Tensor, size: int, options: Augmentation, rng: Generator) -> Tensor:
    """Random loss of detail, crop, flip and erasing.

    Args:
        picture: uint8 (3, H, W).
        size: Side of the result.
        options: How much.
        rng: Source of randomness.

    Returns:
        uint8 (3, size, size).
    """
    picture = _degraded(picture, options.degrade, rng)
    _, height, width = picture.shape
    area = uniform(rng, options.smallest_crop, 1.0)
    aspect = math.exp(uniform(rng, -0.2, 0.2))
    crop_height = min(height, round(height * math.sqrt(area * aspect)))
    crop_width = min(width, round(width * math.sqrt(area / aspect)))
    top = round(uniform(rng, 0, height - crop_height))
    left = round(uniform(rng, 0, width - crop_width))
    result = pictures_functional.resized_crop(
        picture, top, left, crop_height, crop_width, [size, size], antialias=True
    )
    if uniform(rng, 0, 1) < 0.5:
        result = result.flip(2)
    if uniform(rng, 0, 1) < options.erase:
        side = round(size * uniform(rng, 0.1, 0.4))
        top, left = (round(uniform(rng, 0, size - side)) for _ in range(2))
        result[:, top : top + side, left : left + side] = 128
    return result


def _degraded(picture: Tensor, probability: float, rng: Generator) -> Tensor:
    """What is lost when a picture is sent around: size, and what JPEG leaves out."""
    if uniform(rng, 0, 1) < probability:
        share = 1 / uniform(rng, 1, SMALLEST)
        size = [max(1, round(share * side)) for side in picture.shape[1:]]
        picture = pictures_functional.resize(picture, size, antialias=True)
    if uniform(rng, 0, 1) < probability:
        picture = pictures_functional.jpeg(picture, round(uniform(rng, *JPEG_QUALITY)))
    return picture


def augment_mel(mel: Tensor, options: Augmentation, rng: Generator) -> Tensor:
    """Frequency response, noise floor and SpecAugment masks (Park et al. 2019) on one window.

    Args:
        mel: float32 (..., mels, frames), log10 of power relative to the window's mean.
        options: How much.
        rng: Source of randomness.

    Returns:
        float32 of the same shape.
    """
    mels, frames = mel.shape[-2:]
    floor = mel.min()
    if options.equaliser:
        knots = torch.randn((1, 1, 6), generator=rng) * options.equaliser
        mel = mel + functional.interpolate(knots, size=mels, mode="linear", align_corners=True)[0, 0, :, None]
    if uniform(rng, 0, 1) < options.noise:
        noise = uniform(rng, -4.5, -2.0) + 0.1 * torch.randn(mel.shape, generator=rng)
        mel = torch.log10(10**mel + 10**noise)
    mel = mel.clone()
    for _ in range(options.frequency_masks):
        start, length = _mask(mels, rng)
        mel[..., start : start + length, :] = floor
    for _ in range(options.time_masks):
        start, length = _mask(frames, rng)
        mel[..., start : start + length] = floor
    return mel


def shift_semitones(semitones: Tensor, shift: int) -> Tensor:
    """Transpose a window (semitones, frames); what comes in at the edge is as soft as its softest."""
    if not shift:
        return semitones
    shifted = semitones.roll(shift, dims=0)
    edge = slice(0, shift) if shift > 0 else slice(shift, None)
    shifted[edge] = semitones.min()
    return shifted


def _mask(length: int, rng: Generator) -> tuple[int, int]:
    masked = int(uniform(rng, 0, length / 8))
    return int(uniform(rng, 0, length - masked)), masked
