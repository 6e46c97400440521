"""Playing a score with a SoundFont. Needs the extra ``soundfont``."""

import io
from pathlib import Path

import numpy as np

from va_space.errors import MediaError, MissingExtraError
from va_space.generation.music.midi_file import midi_bytes
from va_space.generation.music.score import Score
from va_space.generation.music.synthesis.render import finish
from va_space.generation.music.synthesis.voices import SAMPLE_RATE, Samples


def play_soundfont(score: Score, seconds: float, soundfont: Path) -> Samples:
    """Play a score with a SoundFont.

    Args:
        score: What to play.
        seconds: Length of the sound; its end is faded.
        soundfont: A .sf2 file.

    Returns:
        (2, n) float32, as loud as the built-in instruments.

    Raises:
        MediaError: The file is missing or no SoundFont.
        MissingExtraError: The extra ``soundfont`` is not installed.
    """
    import soundfile
    import soxr

    try:
        import midirenderer
    except ImportError as error:
        raise MissingExtraError("Playing with a SoundFont", "soundfont") from error
    try:
        content = soundfont.read_bytes()
    except OSError as error:
        raise MediaError(soundfont, f"cannot be read ({error.strerror or error})") from error
    if content[:4] != b"RIFF" or content[8:12] != b"sfbk":
        raise MediaError(soundfont, "not a SoundFont (.sf2)")
    try:
        wave = bytes(midirenderer.render_wave_from(content, midi_bytes(score)))
    except (ValueError, RuntimeError, OSError) as error:
        raise MediaError(soundfont, f"this SoundFont cannot be played ({error})") from error
    sound, rate = soundfile.read(io.BytesIO(wave), dtype="float32", always_2d=True)
    if rate != SAMPLE_RATE:
        sound = soxr.resample(sound, rate, SAMPLE_RATE)
    samples = round(seconds * SAMPLE_RATE)
    played = np.zeros((2, samples), np.float32)
    kept = min(samples, len(sound))
    played[:, :kept] = sound[:kept, :2].T if sound.shape[1] > 1 else sound[:kept, 0]
    return finish(played)
