"""EMOPIA: clips of piano pop as MIDI, each in one quadrant of valence and arousal (Hung et al. 2021).

Layout: `label.csv` (ID, 4Q), `midis/<ID>.mid`, `split/{train,val,test}_clip.csv`.
"""

from collections.abc import Callable
from pathlib import Path

from va_space.datasets import midi
from va_space.datasets.annotations import read_csv, require
from va_space.datasets.records import Quadrant, Record, keep_existing, windows_of
from va_space.errors import DatasetError


def _splits(root: Path) -> dict[str, str]:
    """Clip ID -> "train", "val" or "test", from the lists that are there."""
    lists = sorted(require(root / "split", "EMOPIA").glob("*_clip.csv"))
    return {
        row["clip_name"].removesuffix(".mid"): path.name.removesuffix("_clip.csv")
        for path in lists
        for row in read_csv(path, "EMOPIA", ("clip_name",))
    }


def scores(root: Path, part: str) -> list[Path]:
    """MIDI files of one official part, "train", "val" or "test".

    Raises:
        DatasetError: The layout is not as published.
    """
    root = Path(root)
    return [root / "midis" / f"{clip}.mid" for clip, name in sorted(_splits(root).items()) if name == part]


def midi_records(root: Path) -> list[Record]:
    """The clips as MIDI files, with quadrant, song and official split.

    Raises:
        DatasetError: The layout is not as published, or no clip is there.
    """
    root = Path(root)
    splits = _splits(root)
    records = []
    for row in read_csv(root / "label.csv", "EMOPIA", ("ID", "4Q")):
        clip = row["ID"]
        # Song ids are YouTube ids and may hold underscores themselves: Q1_<song>_<number>.
        song = clip.partition("_")[2].rpartition("_")[0]
        if not song or row["4Q"] not in ("1", "2", "3", "4"):
            raise DatasetError(f"EMOPIA: clip {clip} with quadrant '{row['4Q']}' in {root / 'label.csv'}")
        path = root / "midis" / f"{clip}.mid"
        records.append(Record(path, "music", Quadrant(int(row["4Q"])), song, clip, splits.get(clip), source="emopia"))
    return keep_existing(records, "EMOPIA")


def load(
    root: Path,
    cache: Path,
    *,
    window_seconds: float | None = None,
    hop_seconds: float | None = None,
    soundfont: Path | None = None,
    program: midi.Program = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Record]:
    """Rendered clips with their quadrant; the group is the song, the split is the official one.

    Args:
        root: Folder with `label.csv`, `midis` and `split`.
        cache: Folder for the rendered sound; clips that are not there yet are rendered first.
        window_seconds: None for one record a clip, else windows of this length with the clip's quadrant.
        hop_seconds: From the start of one window to the next; by default the window length.
        soundfont: See :func:`va_space.datasets.midi.rendered`.
        program: Likewise: another instrument, or from a MIDI file to it.
        progress: Called with (clips done, clips in all).

    Raises:
        DatasetError: The layout is not as published, or no clip is there.
        MissingExtraError: A clip must be rendered and FluidSynth is not installed.
    """
    records = midi.render_records(
        midi_records(root), cache, soundfont=soundfont, program=program, progress=progress
    )
    if window_seconds is None:
        return records
    return [
        window
        for record in records
        for window in windows_of(record, midi.sound_seconds(record.path), window_seconds, hop_seconds)
    ]
