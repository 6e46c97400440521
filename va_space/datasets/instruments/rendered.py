"""Single notes played by FluidSynth, of instruments whose pictures are easier to find than their recordings.

Joined to other data sets: "folders+rendered". Needs the extra ``midi``.
"""

import logging
from itertools import product
from pathlib import Path

from va_space.atomic import replacing
from va_space.datasets import midi
from va_space.datasets.cache import rendered_folder
from va_space.datasets.instruments import INSTRUMENTS, InstrumentOptions
from va_space.datasets.records import Instrument, Record
from va_space.errors import MediaError, MissingExtraError

log = logging.getLogger(__name__)

# General MIDI's programs, counted from 0, and the lowest and highest note.
PROGRAMS = {
    "accordion": (21, 53, 88),
    "harmonica": (22, 60, 91),
    "sitar": (104, 48, 79),
    "violin": (40, 55, 88),
}
_NOTES, _VELOCITIES, _SECONDS = 12, (50, 80, 110), (0.6, 1.5)
_TICKS = 480  # of half a second


@INSTRUMENTS.register("rendered")
def load(options: InstrumentOptions) -> list[Record]:
    """Seventy-two notes of each instrument: twelve pitches, three velocities, two lengths.

    A note that the SoundFont does not have is reported and left out.

    Raises:
        MissingExtraError: The extra ``midi``, FluidSynth or a SoundFont is not installed.
    """
    cache = rendered_folder(options.cache)
    records = []
    for name, (program, low, high) in PROGRAMS.items():
        pitches = [low + step * (high - low) // (_NOTES - 1) for step in range(_NOTES)]
        for pitch, velocity, seconds in product(pitches, _VELOCITIES, _SECONDS):
            written = cache / "notes" / f"{program}-{pitch}-{velocity}-{seconds:g}.mid"
            if not written.is_file():
                _write_note(written, program, pitch, velocity, seconds)
            try:
                sound = midi.rendered(written, cache)
            except MediaError as error:  # SoundFonts lack the ends of some ranges
                log.warning("left out: %s", error)
                continue
            key = f"{name}/{written.stem}"
            records.append(Record(sound, "music", Instrument(name), group=key, id=key))
    return records


def _write_note(path: Path, program: int, pitch: int, velocity: int, seconds: float) -> None:
    try:
        import mido
    except ImportError as error:
        raise MissingExtraError("Rendering notes", "midi", f"({error})") from error
    track = mido.MidiTrack(
        [
            mido.Message("program_change", program=program),
            mido.Message("note_on", note=pitch, velocity=velocity),
            mido.Message("note_off", note=pitch, time=round(2 * _TICKS * seconds)),
        ]
    )
    with replacing(path) as beside:
        mido.MidiFile(ticks_per_beat=_TICKS, tracks=[track]).save(str(beside))
