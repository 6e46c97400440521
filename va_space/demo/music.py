"""The clips that ship, with what their credits say."""

from dataclasses import dataclass
from pathlib import Path

CLIPS = Path(__file__).parent / "clips"


@dataclass(frozen=True)
class Clip:
    """One line of the credits.

    Attributes:
        path: The sound.
        title: Of the composition.
        composer: With the years of life.
        instrument: What it is played by.
        source: The score, and who encoded it.
    """

    path: Path
    title: str
    composer: str
    instrument: str
    source: str


def clips() -> list[Clip]:
    """The clips, in the order of ``clips/CREDITS.md``, which is the only place that knows their titles."""
    found = []
    for line in (CLIPS / "CREDITS.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].endswith(".ogg"):
            file, title, composer, score, bars, _, instrument, encoding = cells
            source = f"music21 corpus, {score}, bars {bars}; encoding: {encoding}"
            found.append(Clip(CLIPS / file, title, composer, instrument, source))
    return found
