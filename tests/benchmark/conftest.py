"""Small open data: pictures and sounds in memory order, whose colour and pitch follow their labels."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

RATE = 8000


@pytest.fixture(scope="session")
def oasis_root(tmp_path_factory) -> Path:
    """A data root with 36 pictures of 12 themes in OASIS's layout."""
    root = tmp_path_factory.mktemp("data")
    (root / "oasis" / "images").mkdir(parents=True)
    random = np.random.default_rng(0)
    lines = ["id,Theme,Category,Valence_mean,Arousal_mean"]
    for theme in range(12):
        for number in (1, 2, 3):
            name = f"Theme{chr(65 + theme)} {number}"
            valence, arousal = random.uniform(1, 7, 2)
            colour = (int(valence * 36), 60, int(arousal * 36))
            pixels = np.clip(np.array(colour) + random.normal(0, 5, (40, 50, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / "oasis" / "images" / f"{name}.jpg")
            lines.append(f"I{len(lines)},{name},Object,{valence},{arousal}")
    (root / "oasis" / "OASIS.csv").write_text("\n".join(lines))
    return root


@pytest.fixture(scope="session")
def write_tones(tmp_path_factory):
    """Write a sound of one tone a second; louder and higher with each step of ``level``."""
    folder = tmp_path_factory.mktemp("sound")

    def write(name: str, levels: list[float]) -> Path:
        time = np.arange(RATE) / RATE
        tones = [0.1 * (1 + level) * np.sin(2 * np.pi * (200 + 1500 * level) * time) for level in levels]
        noise = 0.003 * np.random.default_rng(len(name)).standard_normal(RATE * len(levels))
        path = folder / f"{name}.wav"
        soundfile.write(path, np.concatenate(tones) + noise, RATE)
        return path

    return write


@pytest.fixture(scope="session")
def vgmidi_split(write_tones):
    """What :func:`va_space.datasets.open_data.open_music` gives: windows of 18 pieces of 9 series."""
    from va_space.datasets.records import Point, Record

    random = np.random.default_rng(1)
    split = {"train": [], "validation": [], "test": []}
    for piece in range(18):
        part = "test" if piece < 6 else "validation" if piece < 8 else "train"
        curve = random.uniform(0, 1, (3, 2))
        path = write_tones(f"piece{piece}", list(curve[:, 1]))
        for second, (valence, arousal) in enumerate(curve):
            split[part].append(
                Record(
                    path, "music", Point(valence, arousal), f"series {piece // 2}", f"p{piece}@{second}",
                    start=float(second), duration=1.0,
                )
            )  # fmt: skip
    return split


@pytest.fixture(scope="session")
def context(tiny_space, oasis_root, vgmidi_split, tmp_path_factory):
    """A benchmark run on the small data, to be looked at; nothing has to be rendered."""
    from va_space.benchmark.context import Context

    context = Context(tiny_space, oasis_root, tmp_path_factory.mktemp("cache"))
    context.music = vgmidi_split
    context.short_music = {part: _short(records) for part, records in vgmidi_split.items()}
    return context


def _short(records):
    """Each piece of three seconds in ten windows of 0.3 s."""
    pieces = [records[first : first + 3] for first in range(0, len(records), 3)]
    return [
        replace(piece[3 * number // 10], start=0.3 * number, duration=0.3)
        for piece in pieces
        for number in range(10)
    ]


@pytest.fixture
def empty_context(tiny_space, tmp_path):
    """A benchmark run without data, to be filled."""
    from va_space.benchmark.context import Context

    return Context(tiny_space, tmp_path, tmp_path)
