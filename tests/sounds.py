"""Small sound files in containers that soundfile cannot write."""

from pathlib import Path

import numpy as np


def tone(seconds: float, rate: int) -> np.ndarray:
    """(n,) float32: two partials that die away, so that no two parts are the same."""
    time = np.arange(round(seconds * rate)) / rate
    sound = np.sin(2 * np.pi * 440 * time) + 0.5 * np.sin(2 * np.pi * 1100 * time)
    return (0.3 * np.exp(-time / 3) * sound).astype(np.float32)


def encode(
    path: Path,
    samples: np.ndarray,
    rate: int,
    codec: str,
    *,
    container: str | None = None,
    layout: str = "mono",
    options: dict[str, str] | None = None,
    variable_rate: bool = False,
    video: bool = False,
) -> Path:
    """Write (channels, n) float32 samples with PyAV, with a moving picture if it is a video."""
    import av

    with av.open(path, "w", format=container, options=options or {}) as file:
        sound = file.add_stream(codec, rate=rate)
        sound.layout = layout
        if variable_rate:
            sound.codec_context.flags |= 0x2  # AV_CODEC_FLAG_QSCALE
            sound.codec_context.global_quality = 4 * 118
        if video:
            picture = file.add_stream("mpeg4", rate=5)
            picture.width = picture.height = 32
            picture.pix_fmt = "yuv420p"
            for _ in range(round(5 * samples.shape[1] / rate)):
                pixels = np.zeros((32, 32, 3), np.uint8)
                file.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            file.mux(picture.encode(None))
        frame_size = sound.codec_context.frame_size or 1024
        converter = av.AudioResampler(sound.format.name, layout, rate, frame_size)
        packed = np.ascontiguousarray(samples.T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.rate, frame.pts = rate, 0
        for converted in [*converter.resample(frame), *converter.resample(None)]:
            file.mux(sound.encode(converted))
        file.mux(sound.encode(None))
    return path
