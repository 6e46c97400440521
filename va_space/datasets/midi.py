"""MIDI to sound, rendered once into a cache with FluidSynth, and the tempo map of a MIDI file.

Needs the extra `midi` (pyfluidsynth, mido), the FluidSynth library and a SoundFont: on Debian and
Ubuntu the packages `fluidsynth` and `fluid-soundfont-gm`.
"""

import hashlib
import os
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.atomic import replacing
from va_space.datasets.records import Record
from va_space.errors import DatasetError, MediaError, MissingExtraError

if TYPE_CHECKING:
    import mido

# A General MIDI program, or from a MIDI file to one; None plays what the file asks for.
Program = int | Callable[[Path], int] | None
SOUNDFONT_VARIABLE = "VA_SPACE_SOUNDFONT"
SOUNDFONTS = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/soundfonts/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
)
_DEBIAN = "FluidSynth and a SoundFont come with the Debian packages fluidsynth and fluid-soundfont-gm"
# SoundFont samples are not band-limited when transposed: synthesise high, then resample properly.
_SYNTH_RATE = 44100
# Part of every cache name: raise it when the same settings begin to sound different.
_RENDERING = "1"
DRUM_CHANNEL = 9
_DRUM_BANK, _SUSTAIN_PEDAL = 128, 64
# Of each family that can play alone one or two: electric piano, vibraphone, church organ, guitar, harp,
# strings, choir, brass, clarinet, flute, synthesiser lead and pad.
PROGRAMS = (4, 11, 19, 24, 46, 48, 52, 61, 71, 73, 81, 89)
_MAX_SECONDS = 3600.0
_DITHER = 2  # FluidSynth's silence, in steps of 16 bit
_FULL_SCALE = np.iinfo(np.int16).max


def _fluidsynth() -> ModuleType:
    try:
        import fluidsynth
    except (ImportError, OSError) as error:
        raise MissingExtraError("Rendering MIDI", "midi", f"{_DEBIAN} ({error})") from error
    return fluidsynth


def read_score(path: Path) -> "mido.MidiFile":
    """A MIDI file; iterating over it gives events in order, each with the seconds since the one before.

    Raises:
        MediaError: The file is not MIDI.
        MissingExtraError: The extra `midi` is not installed.
    """
    try:
        import mido
    except ImportError as error:
        raise MissingExtraError("Reading MIDI", "midi", _DEBIAN) from error
    try:
        score = mido.MidiFile(path, clip=True)
        if score.type == 2:
            raise ValueError("its tracks are independent pieces, format 2")
        return score
    except (OSError, EOFError, ValueError, IndexError, KeyError) as error:
        raise MediaError(path, f"not a usable MIDI file ({error or type(error).__name__})") from error


def find_soundfont(soundfont: Path | None = None) -> Path:
    """The SoundFont to use: the one given, else the environment's VA_SPACE_SOUNDFONT, else FluidR3_GM.

    Raises:
        DatasetError: The one given is missing.
        MissingExtraError: None is given and none is installed.
    """
    given = soundfont or os.environ.get(SOUNDFONT_VARIABLE)
    if given:
        if not Path(given).is_file():
            raise DatasetError(f"{given}: no such SoundFont; give a .sf2 file or unset {SOUNDFONT_VARIABLE}")
        return Path(given)
    for path in SOUNDFONTS:
        if path.is_file():
            return path
    raise MissingExtraError(
        "Rendering MIDI", "midi", f"{_DEBIAN}; or set {SOUNDFONT_VARIABLE} to a .sf2 file"
    )


def _synthesize(
    score: "mido.MidiFile", soundfont: Path, program: int | None, level: float, tail: float
) -> Any:
    """Play all events; (samples, 2) int16 at _SYNTH_RATE."""
    # A new synthesizer a file: reverb and chorus keep their state otherwise, and the result depends on order.
    # Banks are ignored ("gm"): few SoundFonts have the same ones, and a missing bank is noise on stderr.
    settings = {"synth.dynamic-sample-loading": 1, "synth.midi-bank-select": "gm"}
    synth = _fluidsynth().Synth(gain=level, samplerate=float(_SYNTH_RATE), **settings)
    try:
        font = synth.sfload(str(soundfont))
        if font < 0:
            raise MediaError(soundfont, "FluidSynth cannot read this SoundFont")
        for channel in range(16):
            bank, preset = (_DRUM_BANK, 0) if channel == DRUM_CHANNEL else (0, program or 0)
            synth.program_select(channel, font, bank, preset)
        blocks, seconds, played = [], 0.0, 0
        for event in score:
            seconds += event.time
            due = round(seconds * _SYNTH_RATE) - played
            if due > 0:
                blocks.append(synth.get_samples(due))
                played += due
            if event.type == "note_on":
                # Velocity 0 is a note-off in MIDI, and FluidSynth treats it so.
                synth.noteon(event.channel, event.note, event.velocity)
            elif event.type == "note_off":
                synth.noteoff(event.channel, event.note)
            elif event.type == "control_change":
                synth.cc(event.channel, event.control, event.value)
            elif event.type == "pitchwheel":
                synth.pitch_bend(event.channel, event.pitch)
            elif event.type == "program_change" and program is None:
                synth.program_change(event.channel, event.program)
        for channel in range(16):
            synth.cc(channel, _SUSTAIN_PEDAL, 0)
            synth.all_notes_off(channel)
        blocks.append(synth.get_samples(round(tail * _SYNTH_RATE)))
    finally:
        synth.delete()
    return np.concatenate(blocks).reshape(-1, 2)


def render(
    midi_path: Path,
    out_path: Path,
    *,
    soundfont: Path | None = None,
    sample_rate: int = 22050,
    program: int | None = None,
    peak: float = 0.9,
    tail_seconds: float = 1.0,
) -> Path:
    """Render a MIDI file to sound: mono, 16 bit, in the format of the extension (.flac, .wav, .ogg).

    The file is written whole or not at all. The same input gives the same samples.

    Args:
        midi_path: The MIDI file.
        out_path: Where to write; an existing file is replaced.
        soundfont: A .sf2 file; see :func:`find_soundfont` for the default.
        sample_rate: Samples per second of the result.
        program: General MIDI program 0-127 for all melodic channels, whatever the file asks for.
        peak: Largest absolute sample of the result, in (0, 1]; nothing clips.
        tail_seconds: Time for the last notes to ring after the file's end.

    Returns:
        `out_path`.

    Raises:
        MediaError: The file is not MIDI, holds no note that sounds, or lasts longer than an hour.
        MissingExtraError: The extra `midi`, FluidSynth or a SoundFont is not installed.
    """
    import soundfile
    import soxr

    font, score = find_soundfont(soundfont), read_score(Path(midi_path))
    if score.length > _MAX_SECONDS:
        reason = f"{score.length:.0f} s long; at most {_MAX_SECONDS:.0f} s are rendered"
        raise MediaError(midi_path, reason)
    # Twice FluidSynth's usual level, since 16 bit are few for soft pieces; halved where a dense one clips.
    level, samples = 0.4, np.full((1, 2), _FULL_SCALE, dtype=np.int16)
    while np.abs(samples.astype(np.int32)).max() >= _FULL_SCALE:
        samples = _synthesize(score, font, program, level, tail_seconds)
        level /= 2
    if np.abs(samples).max() <= _DITHER:
        raise MediaError(midi_path, "holds no note that sounds")
    mono = samples.mean(axis=1, dtype=np.float32)
    sound = soxr.resample(mono, _SYNTH_RATE, sample_rate)
    sound *= peak / np.abs(sound).max()
    out_path = Path(out_path)
    subtype = {"subtype": "PCM_16"} if out_path.suffix in (".flac", ".wav") else {}
    with replacing(out_path) as beside:
        soundfile.write(beside, sound, sample_rate, **subtype)
    return out_path


@cache
def _font_hash(path: Path, _size: int, _modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rendered(
    midi_path: Path,
    cache: Path,
    *,
    soundfont: Path | None = None,
    sample_rate: int = 22050,
    program: int | None = None,
) -> Path:
    """The cached rendering of a MIDI file, made first if it is not there.

    The name of the file is a hash of the MIDI file's content, the SoundFont's content and the settings,
    so a changed input is rendered anew and a moved one is not.

    Args:
        midi_path: The MIDI file.
        cache: Folder of the cache; made if it is not there.
        soundfont: As in :func:`render`.
        sample_rate: Likewise.
        program: Likewise.

    Returns:
        A .flac file in the cache.

    Raises:
        MediaError, MissingExtraError: As :func:`render`.
    """
    font = find_soundfont(soundfont).resolve()
    state = font.stat()
    settings = f"{_RENDERING} {_font_hash(font, state.st_size, state.st_mtime_ns)} {sample_rate} {program} "
    name = hashlib.sha256(settings.encode() + Path(midi_path).read_bytes()).hexdigest()[:32]
    path = Path(cache) / name[:2] / f"{name}.flac"
    if not path.is_file():
        render(midi_path, path, soundfont=font, sample_rate=sample_rate, program=program)
    return path


def drawn_program(midi_path: Path) -> int:
    """One of :data:`PROGRAMS`, the same for the same file name: an instrument to hear the music without."""
    return random.Random(Path(midi_path).stem).choice(PROGRAMS)


def render_records(
    records: list[Record],
    cache: Path,
    *,
    soundfont: Path | None = None,
    program: Program = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Record]:
    """The same records with the rendering of their MIDI file as path.

    Args:
        records: Records whose path is a MIDI file.
        cache: See :func:`rendered`.
        soundfont: Likewise.
        program: Likewise; or a function from the MIDI file to it, such as :func:`drawn_program`.
        progress: Called after each file with (files done, files in all).

    Raises:
        MediaError, MissingExtraError: As :func:`render`.
    """
    sound = []
    for done, record in enumerate(records, start=1):
        chosen = program(record.path) if callable(program) else program
        sound.append(replace(record, path=rendered(record.path, cache, soundfont=soundfont, program=chosen)))
        if progress:
            progress(done, len(records))
    return sound


def sound_seconds(path: Path) -> float:
    """Seconds that a rendered file lasts."""
    import soundfile

    return float(soundfile.info(path).duration)


def score_seconds(midi_path: Path) -> float:
    """Seconds that a MIDI file lasts, without the time that its last notes ring.

    Raises:
        MediaError: The file is not MIDI.
        MissingExtraError: The extra `midi` is not installed.
    """
    return float(read_score(Path(midi_path)).length)


def quarter_seconds(midi_path: Path, quarters: ArrayLike) -> NDArray[np.float64]:
    """When each quarter note of a MIDI file begins, by its tempo map.

    Args:
        midi_path: The MIDI file.
        quarters: Positions of any shape, in quarter notes from the beginning; fractions are allowed.

    Returns:
        Seconds, of the same shape.

    Raises:
        MediaError: The file is not MIDI.
        MissingExtraError: The extra `midi` is not installed.
    """
    score = read_score(Path(midi_path))
    positions, tempos = [0.0], [500_000]  # microseconds a quarter; 120 a minute until the file says otherwise
    for track in score.tracks:
        ticks = 0
        for event in track:
            ticks += event.time
            if event.type == "set_tempo":
                positions.append(ticks / score.ticks_per_beat)
                tempos.append(event.tempo)
    order = np.argsort(positions, kind="stable")
    change = np.asarray(positions)[order]  # (changes,) quarters
    pace = np.asarray(tempos, dtype=np.float64)[order] / 1e6  # (changes,) seconds a quarter
    begin = np.concatenate([[0.0], np.cumsum(np.diff(change) * pace[:-1])])  # (changes,) seconds
    place = np.asarray(quarters, dtype=np.float64)
    index = np.searchsorted(change, place, side="right") - 1
    return begin[index] + (place - change[index]) * pace[index]
