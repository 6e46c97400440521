"""Writing a take: sound, MIDI, and beside them what it was made from."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from va_space.atomic import replacing, require_ending
from va_space.generation.music.controls import Controls
from va_space.generation.music.midi_file import midi_bytes
from va_space.generation.music.synthesis.voices import Samples
from va_space.generation.music.words import why
from va_space.generation.provenance import versions, write_facts
from va_space.media.loudness import integrated_loudness

if TYPE_CHECKING:
    from va_space.generation.music.compose import Take

SOUND_ENDINGS = (".wav", ".flac", ".mp3", ".ogg")
MIDI_ENDINGS = (".mid", ".midi")
ENDINGS = (*SOUND_ENDINGS, *MIDI_ENDINGS)


def check_ending(path: Path) -> None:
    """Raise a ConfigError if music cannot be written to a file of this name."""
    require_ending(path, "pieces", ENDINGS)


def save_take(take: "Take", path: Path) -> list[Path]:
    """Write a take; see :meth:`va_space.generation.music.compose.Take.save`."""
    check_ending(path)
    facts = provenance(take)
    sound = path.suffix.lower() in SOUND_ENDINGS
    midi = path.with_suffix(".mid") if sound else path
    sidecar = path.with_suffix(".json")
    if sound:
        kept = ("why", "versions", "model", "seed", "scores", "loudness (LUFS)")
        comment = {name: facts[name] for name in kept}
        write_sound(path, take.sound, take.sample_rate, str(facts["title"]), comment)
    with replacing(midi) as beside:
        beside.write_bytes(take_midi(take))
    write_facts(sidecar, facts)
    return [path, midi, sidecar] if sound else [midi, sidecar]


def take_midi(take: "Take") -> bytes:
    """A take as MIDI, with seed, version and controls as its text: the same on every machine."""
    chosen = take.chosen
    facts = {
        "va-space": version("va-space"),
        "seed": take.request.seed,
        "candidate": chosen.number,
        "candidates": take.request.candidates,
        "controls": _controls(chosen.composition.controls[0]),
        "symbolic judge": list(chosen.symbolic),
        "music encoder": None if chosen.heard is None else list(chosen.heard),
    }
    return midi_bytes(take.score, title=title(take), texts=(why(take), json.dumps(facts)))


def title(take: "Take") -> str:
    """A name for the piece."""
    names = ", then ".join(feeling.name for feeling in take.request.feelings)
    return f"Music for {names}" if names else "Music for a feeling over time"


def provenance(take: "Take") -> dict[str, object]:
    """All that a take was made from, for JSON."""
    request, chosen = take.request, take.chosen
    return {
        "title": title(take),
        "why": why(take),
        "versions": versions("mido"),
        "model": take.model,
        "seed": request.seed,
        "seconds": request.seconds,
        "candidates": request.candidates,
        "asked for": {
            "tempo": request.wishes.tempo,
            "key": request.wishes.key.name if request.wishes.key else None,
            "instruments": list(request.wishes.instruments),
            "feelings": [
                {
                    "name": each.name,
                    "kind": each.kind,
                    "point": list(each.point),
                    "percentile": list(each.relative),
                }
                for each in request.feelings
            ],
            "course": [
                [t, *place] for t, place in zip(request.course.times, request.course.places, strict=True)
            ],
        },
        "scores": {
            "candidate": chosen.number,
            "symbolic judge": list(chosen.symbolic),
            "music encoder": None if chosen.heard is None else list(chosen.heard),
            "distance": chosen.distance,
        },
        "sections": [
            {**asdict(section), "controls": _controls(controls)}
            for section, controls in zip(take.score.sections, chosen.composition.controls, strict=True)
        ],
        "played by": take.soundfont or "built-in instruments",
        "sample rate": take.sample_rate,
        "loudness (LUFS)": round(integrated_loudness(take.sound, take.sample_rate), 1),
    }


def _controls(controls: Controls) -> dict[str, object]:
    plain = asdict(controls) | {"key": controls.key.name, "instruments": list(controls.instruments)}
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in plain.items()}


def write_sound(
    path: Path, sound: Samples, sample_rate: int, title: str, comment: Mapping[str, object]
) -> None:
    """Write sound with its title, the program's name and a comment in the file's own metadata.

    Args:
        path: Ends with one of :data:`SOUND_ENDINGS`.
        sound: (2, n) samples in [-1, 1].
        sample_rate: Samples a second.
        title: Of the piece.
        comment: What it was made from, written as JSON.
    """
    import soundfile

    kinds = {
        ".wav": ("WAV", "PCM_16"),
        ".flac": ("FLAC", "PCM_16"),
        ".mp3": ("MP3", None),
        ".ogg": ("OGG", "VORBIS"),
    }
    kind, subtype = kinds[path.suffix.lower()]
    with (
        replacing(path) as beside,
        soundfile.SoundFile(beside, "w", sample_rate, 2, subtype, format=kind) as file,
    ):
        file.title = title
        file.software = f"va-space {version('va-space')}"
        file.comment = json.dumps(comment)
        # In blocks: libsndfile's Vorbis encoder overflows its stack on long ones.
        for start in range(0, sound.shape[1], sample_rate):
            file.write(sound[:, start : start + sample_rate].T)
