"""Whether a recording is music at all, whether somebody sings, and what is to be said about it."""

from va_space.generation.tags.description import Content
from va_space.generation.tags.form import WHOLE, Form
from va_space.generation.tags.hearing import MOST_WINDOWS, Heard
from va_space.media.boundaries import SHORTEST_SECTION
from va_space.networks.yamnet import class_names

SILENT_PEAK = 1e-4
"""Largest absolute sample of silence, 80 dB below full scale: dither at most."""
SPEECH, MUSIC = 0.5, 0.15
"""YAMNet's mean probability of speech from which it is speech, and of music below which it is noise."""
SHORT = 2 * SHORTEST_SECTION
SINGING = 0.02
"""YAMNet's mean probability of singing from which, or of rapping twice which, somebody sings."""


def content_of(heard: Heard, form: Form) -> Content:
    """What a recording is, as a whole."""
    if heard.peak <= SILENT_PEAK or form.loudness is None:
        return "silence"
    speech, music = _mean(heard, "Speech"), _mean(heard, "Music")
    if speech >= SPEECH and speech > music:
        return "speech"
    return "noise" if music < MUSIC else "music"


def sings(heard: Heard) -> bool:
    """Whether somebody sings or raps."""
    return _mean(heard, "Singing") >= SINGING or _mean(heard, "Rapping") >= 2 * SINGING


def remarks_on(heard: Heard, form: Form, content: Content) -> tuple[str, ...]:
    """What is to be said about a description."""
    notes = [*heard.notes]
    if content == "silence":
        notes.append("silent from beginning to end: it has no tags, and feels like nothing")
    elif content != "music":
        what = "somebody speaks" if content == "speech" else "noise"
        notes.append(f"{what}, no music: genre, mood, instruments, tempo and key are left out")
    if form.duration < SHORT:
        notes.append(f"too short for sections: {form.duration:.1f} s")
    elif content != "silence" and not form.boundaries:
        notes.append("no boundary was found: the whole is one section")
    if heard.spread_thin:
        notes.append(f"long: {MOST_WINDOWS} windows, spread evenly, were heard")
    if form.duration > WHOLE:
        notes.append("long: sections were looked for in pieces of five minutes, and the clearest ones kept")
    return tuple(notes)


def _mean(heard: Heard, name: str) -> float:
    return float(heard.classes[:, class_names().index(name)].mean())
