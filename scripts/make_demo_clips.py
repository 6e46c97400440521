"""Renders the clips that `va-space demo` plays, from music21's corpus, and writes their credits.

Run from the repository root, with the extras `dev` and `midi` and FluidR3_GM installed:

    python scripts/make_demo_clips.py

The same scores, SoundFont and libraries give the same sound. A clip that would sound the same is left alone.
"""

import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from music21 import bar, corpus, instrument, stream, tempo
from rich.console import Console

from va_space.datasets.midi import render

HERE = Path(__file__).resolve().parent
CLIPS = HERE.parent / "va_space" / "demo" / "clips"
SAMPLE_RATE = 22050
TAIL_SECONDS = 1.2
FADE_IN_SECONDS = 0.02
SILENCE = 0.001  # of full scale
LOUDNESS = 0.1  # RMS of a clip where its peaks allow it
PEAK = 0.89  # leaves the lossy encoder room before full scale
COMPRESSION = 0.9  # of [0, 1]; about 35 kbit/s here

HEADER = """# Credits of the demo's music

Each clip is an excerpt of a composition in the public domain, rendered by this project with FluidSynth and
the SoundFont FluidR3_GM (Frank Wen, MIT licence) from the score in music21's corpus
(https://www.music21.org). Only notes, dynamics and note lengths of a score are used; tempo and instruments
are ours. Scores whose files restrict their use (Essen folk songs, Palestrina, Josquin, share-alike editions)
are left out. The renderings are under the licence of the project.

`scripts/make_demo_clips.py` makes this table and the clips from `scripts/demo_clips.toml`.

| file | title | composer | score in music21's corpus | bars | tempo (quarter = ) | played by | encoding |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Clip:
    """One entry of demo_clips.toml; its head explains the fields."""

    file: str
    title: str
    composer: str
    dates: str
    score: str
    encoding: str
    bars: tuple[int, int]
    tempo: float
    programs: list[int]
    instrument: str
    parts: list[int] | None = None
    number: int | None = None


def excerpt(clip: Clip) -> stream.Score:
    """The bars of a clip at its tempo, with its instruments, free of repeats."""
    score = corpus.parse(clip.score, number=clip.number)
    if isinstance(score, stream.Opus):
        score = score.getScoreByNumber(clip.number)
    score = score.toSoundingPitch().measures(*clip.bars)
    parts = [list(score.parts)[i] for i in clip.parts] if clip.parts else list(score.parts)
    programs = clip.programs * len(parts) if len(clip.programs) == 1 else clip.programs
    chosen = stream.Score()
    for part, program in zip(parts, programs, strict=True):
        for kind in ("Instrument", "TempoIndication", "RepeatMark", "RepeatExpression", "RepeatBracket"):
            for element in list(part.recurse().getElementsByClass(kind)):
                element.activeSite.remove(element)
        for measure in part.getElementsByClass(stream.Measure):
            for side in ("leftBarline", "rightBarline"):
                if isinstance(getattr(measure, side), bar.Repeat):
                    setattr(measure, side, None)
        part.insert(0, tempo.MetronomeMark(number=clip.tempo))
        voice = instrument.Instrument()
        voice.midiProgram = program
        part.insert(0, voice)
        chosen.insert(0, part)
    return chosen


def finish(samples: np.ndarray, seconds: float) -> np.ndarray:
    """From the first note until the last bar has rung out, faded and levelled; (n,) in [-PEAK, PEAK]."""
    first = int(np.argmax(np.abs(samples) > SILENCE))
    samples = samples[first : round((seconds + TAIL_SECONDS) * SAMPLE_RATE)]
    samples = samples - samples.mean()
    start, end = round(FADE_IN_SECONDS * SAMPLE_RATE), round(TAIL_SECONDS * SAMPLE_RATE)
    samples[:start] *= np.linspace(0, 1, start)
    samples[-end:] *= np.cos(np.linspace(0, np.pi / 2, end)) ** 2
    return samples * min(LOUDNESS / np.sqrt(np.mean(samples**2)), PEAK / np.abs(samples).max())


def make(clip: Clip, folder: Path) -> float:
    """Render one clip into the package; returns its length in seconds."""
    score = excerpt(clip)
    midi = folder / f"{clip.file}.mid"
    score.write("midi", midi)
    sound = render(midi, folder / f"{clip.file}.flac", sample_rate=SAMPLE_RATE, tail_seconds=2.0)
    samples, _ = soundfile.read(sound, dtype="float32")
    samples = finish(samples, float(score.highestTime) * 60 / clip.tempo)
    fresh = folder / f"{clip.file}.ogg"
    with soundfile.SoundFile(
        fresh, "w", SAMPLE_RATE, 1, format="OGG", subtype="VORBIS", compression_level=COMPRESSION
    ) as file:
        file.title, file.artist = clip.title, clip.composer
        file.write(samples)
    kept = CLIPS / fresh.name
    if not kept.exists() or _content(kept) != _content(fresh):  # ogg files hold a random serial number
        shutil.copyfile(fresh, kept)
    return len(samples) / SAMPLE_RATE


def _content(path: Path) -> tuple[str, str, bytes]:
    with soundfile.SoundFile(path) as file:
        return file.title, file.artist, file.read(dtype="float32").tobytes()


def main() -> None:
    """Make every clip and the credits."""
    console = Console(stderr=True)
    recipe = tomllib.loads((HERE / "demo_clips.toml").read_text(encoding="utf-8"))
    CLIPS.mkdir(parents=True, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for entry in recipe["clip"]:
            clip = Clip(**entry)
            seconds = make(clip, Path(folder))
            console.print(f"{seconds:5.1f} s  {clip.file}")
            score = clip.score + (f", no. {clip.number}" if clip.number else "")
            rows.append(
                f"| {clip.file}.ogg | {clip.title} | {clip.composer} ({clip.dates}) | {score} "
                f"| {clip.bars[0]}-{clip.bars[1]} | {clip.tempo} | {clip.instrument} "
                f"| {recipe['encodings'][clip.encoding]} |"
            )
    (CLIPS / "CREDITS.md").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
