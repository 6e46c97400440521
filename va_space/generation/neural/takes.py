"""A piece that a text-to-music model played, and writing it with what it was made from."""

from dataclasses import dataclass
from pathlib import Path

from va_space.atomic import require_ending
from va_space.generation.music.provenance import SOUND_ENDINGS, write_sound
from va_space.generation.neural.players import Samples
from va_space.generation.neural.sketch import Sketch
from va_space.generation.provenance import versions, write_facts
from va_space.media.loudness import integrated_loudness

FOR_RESEARCH = "no"  # what the table says of a licence that forbids commercial use


@dataclass(frozen=True)
class ModelUsed:
    """A model that had a part in a take.

    Attributes:
        name: As it was asked for.
        licence: As its card says.
        commercial: Whether that lets what it made be used commercially; "" if it is not known.
        fingerprint: SHA-256 of its weights.
    """

    name: str
    licence: str
    commercial: str
    fingerprint: str


@dataclass(frozen=True)
class NeuralTake:
    """A piece of music by a text-to-music model.

    Attributes:
        sketch: What it is for, and what it was asked to be.
        sound: (2, n) float32 in [-1, 1].
        sample_rate: Of the sound.
        seconds: How long it was asked to be.
        seed: Of all choices.
        number: Which of the takes that were played it is, from 0.
        played: How many takes were played.
        negative: What it was asked not to be.
        models: What had a part in it, by what it did.
        heard: (valence, arousal) as percentiles, by the music encoder; None if it did not hear it.
        distance: Of what was heard from what was asked for; None likewise.
        space: Fingerprint of the model that heard it.
    """

    sketch: Sketch
    sound: Samples
    sample_rate: int
    seconds: float
    seed: int
    number: int
    played: int
    negative: str
    models: dict[str, ModelUsed]
    heard: tuple[float, float] | None = None
    distance: float | None = None
    space: str | None = None

    @property
    def why(self) -> str:
        """Why it sounds as it does, in words."""
        return f"{self.sketch.prompt} (take {self.number + 1} of {self.played})"

    @property
    def notes(self) -> list[str]:
        """What is to be said about it: licences that forbid commercial use."""
        return [
            f"{each.name}: licence {each.licence}, not for commercial use"
            for each in self.models.values()
            if each.commercial == FOR_RESEARCH
        ]

    def save(self, path: str | Path) -> list[Path]:
        """Write it, and beside it what it was made from as JSON.

        Args:
            path: Ends with .wav, .flac, .mp3 or .ogg.

        Returns:
            The files that were written.

        Raises:
            ConfigError: The ending is another one.
        """
        path = Path(path)
        require_ending(path, "played pieces", SOUND_ENDINGS)
        facts = self.provenance()
        comment = {name: facts[name] for name in ("prompt", "models", "seed", "take")}
        write_sound(path, self.sound, self.sample_rate, str(facts["title"]), comment)
        sidecar = path.with_suffix(".json")
        write_facts(sidecar, facts)
        return [path, sidecar]

    def provenance(self) -> dict[str, object]:
        """All that it was made from, for JSON."""
        return {
            **sketch_facts(self.sketch),
            "negative prompt": self.negative,
            "seed": self.seed,
            "take": self.number + 1,
            "takes played": self.played,
            "seconds": self.seconds,
            "sample rate": self.sample_rate,
            "loudness (LUFS)": round(integrated_loudness(self.sound, self.sample_rate), 1),
            "models": {role: vars(model) for role, model in self.models.items()},
            "heard by": self.space,
            "heard as percentiles": None if self.heard is None else list(self.heard),
            "distance": self.distance,
            "versions": versions("torch", "transformers", "diffusers"),
        }


def sketch_facts(sketch: Sketch) -> dict[str, object]:
    """What a prompt was made from, for JSON."""
    feeling, emotion = sketch.feeling, sketch.emotion
    return {
        "title": f"Music for {feeling.name}",
        "asked for": {
            "name": feeling.name,
            "kind": feeling.kind,
            "point": list(feeling.point),
            "percentile": list(feeling.relative),
        },
        "emotion": None if emotion is None else vars(emotion),
        "caption": sketch.caption,
        "description": sketch.description,
        "prompt": sketch.prompt,
    }
