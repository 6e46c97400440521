"""Pictures and tones whose look and sound follow their valence and arousal, to try training without data.

They prove the path, nothing else: a model that learns them knows nothing about real pictures or music.
"""

from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from va_space.atomic import replacing
from va_space.datasets.records import Point, Record
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData
from va_space.media.settings import AudioSettings

_COUNT = 96
_SIDE = 96


@SOURCES.register("synthetic")
def synthetic(options: SourceOptions) -> SpaceData:
    """Made in the cache folder, or found there again."""
    pictures, tracks = make(options.cache / "synthetic", options.audio)
    return SpaceData(options.split(pictures), options.split(options.windows(tracks)))


def make(
    folder: Path, audio: AudioSettings, count: int = _COUNT, seed: int = 0
) -> tuple[list[Record], list[Record]]:
    """Make (or find again) labelled pictures and recordings of one window.

    Pleasant is warm and in major, aroused is contrasting and fast.

    Args:
        folder: Where the files are kept.
        audio: Sample rate and length of the recordings.
        count: Number of each.
        seed: Of the labels.

    Returns:
        Records of pictures and of music, each a group of its own.
    """
    rng = np.random.default_rng(seed)
    pictures: list[Record] = []
    tracks: list[Record] = []
    for number in range(count):
        for records, modality, suffix in ((pictures, "picture", "png"), (tracks, "music", "flac")):
            valence, arousal = rng.uniform(0.05, 0.95, size=2)
            path = folder / f"{modality}-{seed}-{number:04d}.{suffix}"
            noise = np.random.default_rng([seed, number])
            if not path.exists():
                with replacing(path) as beside:
                    if modality == "picture":
                        Image.fromarray(_picture(valence, arousal, noise)).save(beside)
                    else:
                        soundfile.write(beside, _tones(valence, arousal, audio, noise), audio.sample_rate)
            point = Point(float(valence), float(arousal))
            records.append(Record(path, modality, point, group=path.stem, id=path.stem))  # type: ignore[arg-type]
    return pictures, tracks


def _picture(valence: float, arousal: float, noise: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[0:_SIDE, 0:_SIDE] / _SIDE
    angle = noise.uniform(0, np.pi)
    wave = np.sin(2 * np.pi * (2 + 8 * arousal) * (x * np.cos(angle) + y * np.sin(angle)))
    light = 0.5 + (0.1 + 0.35 * arousal) * wave + 0.05 * noise.standard_normal((_SIDE, _SIDE))
    colour = np.array([0.4 + 0.6 * valence, 0.6, 1.0 - 0.6 * valence])
    return (255 * np.clip(light[..., None] * colour, 0, 1)).astype(np.uint8)


def _tones(valence: float, arousal: float, audio: AudioSettings, noise: np.random.Generator) -> np.ndarray:
    seconds = np.arange(audio.window_samples) / audio.sample_rate
    beat = seconds * (1 + 7 * arousal)
    scale = np.array([0, 4, 7, 12]) if valence > 0.5 else np.array([0, 3, 6, 12])
    notes = scale[noise.integers(0, 4, size=int(beat[-1]) + 1)] + 12 * (valence - 0.5)
    pitch = 220 * 2 ** (notes[beat.astype(int)] / 12)
    envelope = np.exp(-(beat % 1) * (1 + 5 * arousal))
    tone = np.sin(2 * np.pi * np.cumsum(pitch) / audio.sample_rate) * envelope
    return (0.3 * tone + 0.003 * noise.standard_normal(len(tone))).astype(np.float32)
