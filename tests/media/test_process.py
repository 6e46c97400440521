"""Decoding in another process: the same windows, and what happens when things go wrong."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from va_space.errors import MediaError
from va_space.media.process import DecodingProcess, decode_music
from va_space.media.settings import AudioSettings
from va_space.media.windows import iter_windows

SETTINGS = AudioSettings(sample_rate=8000, window_seconds=1.0, n_fft=512, hop_length=256)


@pytest.fixture
def recording(tmp_path):
    """A stereo file of 19.7 seconds at another rate, in a folder with an unusual name."""
    path = tmp_path / "it's a \n 'ü'" / "sound.flac"
    path.parent.mkdir()
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (round(19.7 * 11025), 2))
    soundfile.write(path, samples, 11025)
    return path


@pytest.fixture
def other():
    process = DecodingProcess()
    yield process
    process.close()


def test_the_same_windows_as_without_pieces_and_process(recording, other):
    starts, windows = zip(*iter_windows(recording, SETTINGS), strict=True)
    for decoded in (decode_music(recording, SETTINGS), other.decode(recording, SETTINGS)):
        pieces = list(decoded)
        assert [len(piece.values) for piece in pieces] == [8, 8, 4]
        assert sum((piece.starts for piece in pieces), ()) == starts
        np.testing.assert_array_equal(np.concatenate([piece.values for piece in pieces]), windows)
        assert [piece.duration for piece in pieces[:-1]] == [None, None]
        assert pieces[-1].duration == pytest.approx(19.7, abs=1e-3)


def test_bad_files_say_why_and_the_next_is_decoded(recording, other, tmp_path):
    (tmp_path / "text.mp3").write_text("no music " * 100)
    half = tmp_path / "half.flac"
    half.write_bytes(recording.read_bytes()[: recording.stat().st_size // 2])
    for path, reason in (
        ("text.mp3", "not sound"),
        ("half.flac", "only 9.7 of 19.7 s"),
        ("none.ogg", "no such file"),
    ):
        with pytest.raises(MediaError, match=reason) as here:
            list(decode_music(tmp_path / path, SETTINGS))
        with pytest.raises(MediaError) as there:
            list(other.decode(tmp_path / path, SETTINGS))
        assert str(there.value) == str(here.value)
        assert len(list(other.decode(recording, SETTINGS))) == 3


def test_an_answer_that_is_left_does_not_reach_the_next_question(recording, other, tmp_path):
    soundfile.write(tmp_path / "other.wav", np.full(8000, 0.25), 8000)
    first = other.decode(recording, SETTINGS)
    next(first)
    first.close()
    (piece,) = other.decode(tmp_path / "other.wav", SETTINGS)
    np.testing.assert_allclose(piece.values, 0.25, atol=1e-4)


def test_a_crash_costs_one_file(recording, other):
    stream = other.decode(recording, SETTINGS)
    next(stream)
    os.kill(other._process.pid, signal.SIGSEGV)
    with pytest.raises(MediaError, match="crashed"):
        list(stream)
    assert len(list(other.decode(recording, SETTINGS))) == 3


def test_too_short_to_hear_anything(other):
    with pytest.raises(MediaError, match="too short"):
        list(decode_music((np.zeros(1, np.float32), 192_000), SETTINGS))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")
def test_the_process_ends_with_its_caller(recording):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from va_space.media.process import DecodingProcess\n"
        "from va_space.media.settings import AudioSettings\n"
        "process = DecodingProcess()\n"
        "settings = AudioSettings(sample_rate=8000, window_seconds=1.0)\n"
        "stream = process.decode(Path(sys.argv[1]), settings); next(stream)\n"
        "print(process._process.pid, 'torch' in sys.modules, flush=True); time.sleep(60)"
    )
    caller = subprocess.Popen([sys.executable, "-c", code, recording], stdout=subprocess.PIPE, text=True)
    pid, torch_is_loaded = caller.stdout.readline().split()
    assert torch_is_loaded == "False"
    assert Path(f"/proc/{pid}").exists()
    caller.kill()
    caller.wait()
    end = time.monotonic() + 20
    while _runs(int(pid)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _runs(int(pid))
    caller.stdout.close()


def _runs(pid):
    """Whether a process is there and more than a zombie that nobody waits for."""
    status = Path(f"/proc/{pid}/status")
    try:
        return "State:\tZ" not in status.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
