"""A score as a standard MIDI file."""

from io import BytesIO

from mido import Message, MetaMessage, MidiFile, MidiTrack

from va_space.generation.music.instruments import INSTRUMENTS
from va_space.generation.music.score import DRUM_CHANNEL, TICKS, Part, Score
from va_space.generation.music.theory import TONICS, parse_key

_SUSTAIN = 64
_SHARP_MINORS = {"Ab": "G#"}  # MIDI knows no A flat minor scale of its own


def midi_bytes(score: Score, *, title: str = "", texts: tuple[str, ...] = ()) -> bytes:
    """The whole file.

    Args:
        score: What to write.
        title: Name of the piece.
        texts: Lines of text for the file: what it was made from.

    Returns:
        A file of format 1: a track of tempo, metre, keys and the form's marks, and a track for each part.
    """
    file = MidiFile(type=1, ticks_per_beat=TICKS)
    file.tracks.append(_conductor(score, title, texts))
    channels = (channel for channel in range(16) if channel != DRUM_CHANNEL)
    for part in score.parts:
        channel = DRUM_CHANNEL if part.instrument == "percussion" else next(channels)
        file.tracks.append(_track(part, channel, score.end))
    stream = BytesIO()
    file.save(file=stream)
    return stream.getvalue()


def _conductor(score: Score, title: str, texts: tuple[str, ...]) -> MidiTrack:
    events: list[tuple[int, MetaMessage]] = []
    if title:
        events.append((0, MetaMessage("track_name", name=_latin(title))))
    events += [(0, MetaMessage("text", text=_latin(text))) for text in texts]
    events.append((0, MetaMessage("time_signature", numerator=score.beats, denominator=4)))
    for section in score.sections:
        events.append((section.start, MetaMessage("key_signature", key=_signature(section.key))))
        events.append((section.start, MetaMessage("marker", text=section.name)))
    events += [(tick, MetaMessage("set_tempo", tempo=pace)) for tick, pace in score.tempos]
    return _timed(sorted(events, key=lambda event: event[0]), score.end)


def _signature(name: str) -> str:
    key = parse_key(name)
    tonic = TONICS[key.tonic]
    return f"{_SHARP_MINORS.get(tonic, tonic)}m" if key.minor else tonic


def _track(part: Part, channel: int, end: int) -> MidiTrack:
    events: list[tuple[int, int, Message | MetaMessage]] = [
        (0, 0, MetaMessage("track_name", name=part.instrument))
    ]
    if channel != DRUM_CHANNEL:
        program = INSTRUMENTS[part.instrument].program
        events.append((0, 0, Message("program_change", channel=channel, program=program)))
    for down, up in part.pedal:
        events.append((down, 2, Message("control_change", channel=channel, control=_SUSTAIN, value=127)))
        events.append((up, 2, Message("control_change", channel=channel, control=_SUSTAIN, value=0)))
    for note in part.notes:
        on = Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        events.append((note.start, 3, on))
        off = Message("note_off", channel=channel, note=note.pitch, velocity=64)
        events.append((note.start + note.length, 1, off))  # before what begins at the same time
    events.sort(key=lambda event: event[:2])
    return _timed([(tick, message) for tick, _, message in events], end)


def _timed(
    events: "list[tuple[int, MetaMessage]] | list[tuple[int, Message | MetaMessage]]", end: int
) -> MidiTrack:
    """Messages with the ticks since the one before."""
    track, now = MidiTrack(), 0
    for tick, message in events:
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(MetaMessage("end_of_track", time=max(0, end - now)))
    return track


def _latin(text: str) -> str:
    return text.encode("latin-1", "replace").decode("latin-1")
