"""Small videos, and looking at them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike


def make_video(
    path: Path,
    colours: Sequence[ArrayLike],
    *,
    times: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 10),
    size: tuple[int, int] = (48, 32),
    sound: np.ndarray | None = None,
    sound_start: float = 0.0,
    codec: str = "h264",
    sound_codec: str = "aac",
) -> Path:
    """Write a video.

    Each colour is that of a whole frame, (3,), or of its columns, (width, 3). Times are in units of the time
    base. The sound is (n,) mono at 8 kHz.
    """
    import av

    with av.open(path, "w") as file:
        stream = file.add_stream(codec, rate=1 / time_base)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = stream.codec_context.time_base = time_base
        if codec == "h264":
            stream.options = {"preset": "ultrafast", "crf": "10"}
        track = None
        if sound is not None:
            track = file.add_stream(sound_codec, rate=8000, layout="mono")
        for number, colour in enumerate(colours):
            pixels = np.broadcast_to(np.array(colour, np.uint8), (*size[::-1], 3))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts, frame.time_base = number if times is None else times[number], time_base
            file.mux(stream.encode(frame))
        if colours:
            file.mux(stream.encode(None))
        if track is not None and sound is not None:
            frame = av.AudioFrame.from_ndarray(sound[None].astype(np.float32), format="flt", layout="mono")
            frame.rate, frame.time_base = 8000, Fraction(1, 8000)
            frame.pts = round(sound_start * 8000)
            file.mux(track.encode(frame))
            file.mux(track.encode(None))
    return path


def looked_at(path: Path) -> list[tuple[float, np.ndarray]]:
    """Each frame's time on the file's own clock and its mean colour in [0, 255]."""
    import av

    with av.open(path) as file:
        stream = file.streams.video[0]
        return [
            (float(frame.pts * stream.time_base), frame.to_ndarray(format="rgb24").mean(axis=(0, 1)))
            for frame in file.decode(stream)
        ]


def listened_to(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Time of each sample on the file's own clock, and the samples of the first channel."""
    import av

    times, samples = [], []
    with av.open(path) as file:
        stream = file.streams.audio[0]
        for frame in file.decode(stream):
            part = frame.to_ndarray()[0]
            times.append(float(frame.pts * stream.time_base) + np.arange(len(part)) / frame.sample_rate)
            samples.append(part)
    return np.concatenate(times), np.concatenate(samples)


def clicks(at: Sequence[float], seconds: float, rate: int = 8000) -> np.ndarray:
    """(n,) silence with short bursts at times in seconds."""
    samples = np.zeros(round(seconds * rate), np.float32)
    for time in at:
        start = round(time * rate)
        samples[start : start + rate // 50] = 0.8
    return samples
