"""Decoding music in a process of its own, beside Python's lock, and where a crash costs one file.

The process is a plain Python that imports neither torch nor the caller's program: it starts at once, takes
some 50 MB, and asks for no ``if __name__ == "__main__"``. Questions go to its standard input, a path as
JSON on a line each; an answer is, for each piece, a line of JSON and the samples. When the caller ends,
even by kill -9, that input ends, and with it the process.
"""

import io
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn

import numpy as np

from va_space.errors import MediaError, VASpaceError
from va_space.media.settings import AudioSettings
from va_space.media.windows import SoundSource, check_hop, cut_windows, sound_blocks

_WINDOWS_A_PIECE = 8


class Windows(NamedTuple):
    """A few windows of a recording, one after the other.

    Attributes:
        starts: (w,) seconds.
        values: (w, window samples) float32, w at most 8.
        duration: Of the whole recording in seconds, with its last windows; else None.
        notes: What is to be said about a file that is used all the same, with its last windows.
    """

    starts: tuple[float, ...]
    values: np.ndarray
    duration: float | None = None
    notes: tuple[str, ...] = ()


def decode_music(
    source: SoundSource, settings: AudioSettings, *, hop_seconds: float | None = None
) -> Iterator[Windows]:
    """Decode a recording to windows in constant memory.

    Args:
        source: A file, or (samples, sample rate).
        settings: Sample rate and window length.
        hop_seconds: From one start to the next; by default the window length.

    Raises:
        MediaError: As :func:`va_space.media.windows.iter_windows`.
        MissingExtraError: Likewise.
        ValueError: Likewise.
    """
    hop_seconds = check_hop(hop_seconds, settings)
    samples = 0

    def counted(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        nonlocal samples
        for block in blocks:
            samples += len(block)
            yield block

    starts: list[float] = []
    windows: list[np.ndarray] = []
    notes: list[str] = []
    blocks = counted(sound_blocks(source, settings.sample_rate, notes))
    for start, window in cut_windows(blocks, settings, hop_seconds):
        if len(windows) == _WINDOWS_A_PIECE:
            yield Windows(tuple(starts), np.stack(windows))
            starts, windows = [], []
        starts.append(start)
        windows.append(window)
    if not windows:
        raise MediaError(_name(source), "no sound in it: too short")
    yield Windows(tuple(starts), np.stack(windows), samples / settings.sample_rate, tuple(notes))


class DecodingProcess:
    """:func:`decode_music` for files in another process, which starts with the first; not thread-safe."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def decode(self, path: Path, settings: AudioSettings) -> Iterator[Windows]:
        """Decode a file.

        Raises:
            MediaError: As :func:`decode_music`, with any reason that it has; or decoding crashed.
        """
        process = self._process = self._process or _start()
        assert process.stdin is not None
        assert isinstance(process.stdout, io.BufferedReader)
        complete = False
        try:
            with suppress(BrokenPipeError):  # it has crashed, which the answer shows
                process.stdin.write(json.dumps([str(path), asdict(settings)]).encode() + b"\n")
                process.stdin.flush()
            while not complete:
                header = process.stdout.readline()
                answer = json.loads(header) if header else _crashed(process, path)
                if "failure" in answer:
                    complete = True
                    raise MediaError(path, answer["failure"])
                if "bug" in answer:
                    raise RuntimeError(f"{path}: decoding failed\n{answer['bug']}")
                values = np.empty((len(answer["starts"]), settings.window_samples), np.float32)
                if process.stdout.readinto(values.data.cast("B")) < values.nbytes:
                    _crashed(process, path)
                complete = answer["duration"] is not None
                notes = tuple(answer["notes"])
                yield Windows(tuple(answer["starts"]), values, answer["duration"], notes)
        finally:
            if not complete:  # what is left of the answer is none to the next question
                self.close()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process:
            process.kill()
            with suppress(BrokenPipeError), process:
                pass  # closes its pipes and waits for its end


def _name(source: SoundSource) -> str | Path:
    return f"samples of shape {tuple(source[0].shape)}" if isinstance(source, tuple) else source


def _start() -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", __name__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _crashed(process: "subprocess.Popen[bytes]", path: Path) -> NoReturn:
    raise MediaError(path, f"damaged: decoding it crashed (exit status {process.wait()})")


def _answer(questions: Iterable[bytes], answers: IO[bytes]) -> None:
    for question in questions:
        path, settings = json.loads(question)
        try:
            for starts, values, duration, notes in decode_music(path, AudioSettings(**settings)):
                _tell(answers, {"starts": starts, "duration": duration, "notes": notes}, values.data)
        except VASpaceError as error:
            _tell(answers, {"failure": error.reason if isinstance(error, MediaError) else str(error)})
        except BrokenPipeError:
            raise
        except Exception:
            _tell(answers, {"bug": traceback.format_exc()})


def _tell(answers: IO[bytes], header: dict[str, Any], values: Any = b"") -> None:
    answers.write(json.dumps(header).encode() + b"\n")
    answers.write(values)
    answers.flush()


def main() -> None:
    """Answer on standard output what standard input asks."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # these concern the caller, who ends this process
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    if os.environ.get("VA_SPACE_DEBUG", "0") in ("", "0"):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stderr.fileno())  # codecs tell of damaged files there, without naming them
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a codec prints must not come between
        with suppress(BrokenPipeError):
            _answer(sys.stdin.buffer, answers)
            return
    os._exit(0)


if __name__ == "__main__":
    main()
