"""The command line as users run it, and files for it."""

import sys
from typing import NamedTuple

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.cli import main


class Result(NamedTuple):
    """What a run of ``va-space`` left behind."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def va_space(monkeypatch, capsys):
    """Run ``va-space`` with arguments, in this process: a new one would load torch each time."""
    monkeypatch.setenv("VA_SPACE_DEBUG", "")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["va-space", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return Result(end.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture
def media(tmp_path):
    """A folder with two pictures and two sounds."""
    folder = tmp_path / "media"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for name in ("a.png", "b.jpg"):
        Image.fromarray(generator.integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(folder / name)
    for name in ("c.wav", "d.flac"):
        soundfile.write(folder / name, generator.uniform(-0.5, 0.5, 20000), 8000)
    return folder
