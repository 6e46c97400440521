import os
from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from PIL import Image


@pytest.fixture(scope="session")
def data_root() -> Path:
    if not os.environ.get("VA_SPACE_DATA"):
        pytest.skip("VA_SPACE_DATA is not set: the published annotation files are not here")
    return Path(os.environ["VA_SPACE_DATA"])


@pytest.fixture
def write_picture() -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (200, 30, 30)).save(path)
        return path

    return write


@pytest.fixture
def write_sound() -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.1 * np.sin(np.arange(22050) / 20), 22050)
        return path

    return write


@pytest.fixture
def write_midi() -> Callable[..., Path]:
    def write(
        path: Path,
        notes: list[tuple[int, float]] = [(69, 2.0)],  # noqa: B006
        tempos: list[tuple[float, float]] = [(0, 60)],  # noqa: B006
        program: int | None = None,
        velocity: int = 100,
    ) -> Path:
        """Notes (key, quarters) one after the other; tempos (at quarter, beats a minute)."""
        ticks = 480
        conductor = mido.MidiTrack()
        at = 0.0
        for quarter, pace in tempos:
            conductor.append(
                mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(pace), time=round((quarter - at) * ticks))
            )
            at = quarter
        melody = mido.MidiTrack()
        if program is not None:
            melody.append(mido.Message("program_change", program=program))
        for key, quarters in notes:
            melody.append(mido.Message("note_on", note=key, velocity=velocity))
            melody.append(mido.Message("note_off", note=key, time=round(quarters * ticks)))
        path.parent.mkdir(parents=True, exist_ok=True)
        mido.MidiFile(type=1, ticks_per_beat=ticks, tracks=[conductor, melody]).save(path)
        return path

    return write


@pytest.fixture(scope="session")
def fluidsynth() -> None:
    """Asked for by tests that render."""
    from va_space.datasets.midi import find_soundfont
    from va_space.errors import MissingExtraError

    try:
        import fluidsynth  # noqa: F401

        find_soundfont()
    except (ImportError, OSError, MissingExtraError) as error:
        pytest.skip(f"FluidSynth or its SoundFont is not installed ({error})")
