"""IMEMNet: published lists of picture-music pairs with their emotional similarity (Zhao et al. 2020).

The music is DEAM's, the pictures are those of IAPS, NAPS and EMOTIC. Layout: `val_matching.txt`,
`test_matching.txt` (also `train_matching.txt`; lines `clip picture score`, where a clip is `song-number`) and
`image_va.csv` (img, valence, arousal in 0..1).

The published test list holds 4,111 rows of the validation list, so scores on it are not clean;
:func:`clean_test` removes them.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from va_space.datasets.annotations import files_by_stem, read_csv, read_text, to_point
from va_space.datasets.pairs import Pairs
from va_space.datasets.records import Point, Record, keep_existing
from va_space.emotion.plane import Scale
from va_space.errors import DatasetError

SCALE = Scale(0, 1)
# Not seconds, as "song-second" suggests: every 45 s excerpt has the numbers 9 to 21, while DEAM's ratings of
# it run from 15 s to 45 s. Two seconds a number, 18 s to 42 s, fits.
SECONDS_PER_NUMBER = 2.0


class Match(NamedTuple):
    """One line of a list.

    Attributes:
        clip: `song-number`.
        picture: Name of the picture file without extension.
        score: Emotional similarity in [0, 1].
    """

    clip: str
    picture: str
    score: float

    @property
    def song(self) -> str:
        """DEAM's song id."""
        return self.clip.rsplit("-", 1)[0]

    @property
    def seconds(self) -> float:
        """Where the clip is in the song."""
        return int(self.clip.rsplit("-", 1)[1]) * SECONDS_PER_NUMBER


def read_matches(path: Path) -> list[Match]:
    """Read one list.

    Raises:
        DatasetError: The file is missing, or a line is not `song-number picture score`.
    """
    matches = []
    for number, line in enumerate(read_text(Path(path), "IMEMNet").splitlines(), 1):
        try:
            clip, picture, score = line.split()
            match = Match(clip, picture, float(score))
            if match.seconds < 0 or not 0 <= match.score <= 1:
                raise ValueError("out of range")
        except (ValueError, IndexError) as error:
            raise DatasetError(
                f"IMEMNet: line {number} of {path} is not 'song-number picture score': {line[:80]!r}"
            ) from error
        matches.append(match)
    return matches


def clean_test(test: Iterable[Match], validation: Sequence[Match]) -> list[Match]:
    """The test list without any row, song or picture of the validation list.

    The published lists leave 22,004 pairs of 270 songs, 5,162 clips and 3,762 pictures; always predicting
    their mean score, 0.472, has a mean squared error of 0.0841.
    """
    songs = {match.song for match in validation}
    pictures = {match.picture for match in validation}
    return [match for match in test if match.song not in songs and match.picture not in pictures]


def picture_points(path: Path) -> dict[str, Point]:
    """Picture -> valence and arousal as IMEMNet normalised them (0..1; not the sources' own norms).

    A picture that is listed more than once, with other values each time, is left out: which is meant is
    not known.

    Args:
        path: `image_va.csv`.

    Raises:
        DatasetError: The file is missing or not as published.
    """
    rows = read_csv(Path(path), "IMEMNet", ("img", "valence", "arousal"))
    points: dict[str, set[Point]] = {}
    for row in rows:
        point = to_point(row["valence"], row["arousal"], SCALE, f"IMEMNet, {row['img']}")
        points.setdefault(row["img"], set()).add(point)
    return {picture: next(iter(found)) for picture, found in points.items() if len(found) == 1}


class MatchedRecords(NamedTuple):
    """Records of both sides and their pairs.

    Attributes:
        pictures: One record a picture, labelled where `image_va.csv` has a label.
        music: One record a clip, a window of its song, unlabelled; the group is the song.
        pairs: Indices into both and the published score.
    """

    pictures: list[Record]
    music: list[Record]
    pairs: Pairs


def load(
    matches: Sequence[Match],
    *,
    pictures: Path,
    audio: Path,
    points: dict[str, Point] | None = None,
    window_seconds: float = 10.0,
) -> MatchedRecords:
    """The pairs of a list whose picture and song are both there.

    Args:
        matches: From :func:`read_matches` or :func:`clean_test`.
        pictures: Folder with the pictures of IAPS, NAPS and EMOTIC, in any subfolders.
        audio: DEAM's `MEMD_audio`.
        points: From :func:`picture_points`.
        window_seconds: Length of the window around the clip's place in the song.

    Raises:
        DatasetError: No picture or no song is there.
    """
    found = files_by_stem(pictures, (".jpg", ".jpeg", ".png", ".bmp"))
    shown = keep_existing(
        (
            Record(
                path=found.get(name.casefold(), Path(pictures) / f"{name}.jpg"),
                modality="picture",
                label=(points or {}).get(name),
                group=name,
                id=name,
            )
            for name in sorted({match.picture for match in matches})
        ),
        "IMEMNet pictures",
    )
    heard = keep_existing(
        (
            Record(
                path=Path(audio) / f"{match.song}.mp3",
                modality="music",
                label=None,
                group=match.song,
                id=match.clip,
                start=max(0.0, match.seconds - window_seconds / 2),
                duration=window_seconds,
            )
            for match in sorted({match.clip: match for match in matches}.values())
        ),
        "IMEMNet music",
    )
    row = {record.id: index for index, record in enumerate(shown)}
    column = {record.id: index for index, record in enumerate(heard)}
    kept = [match for match in matches if match.picture in row and match.clip in column]
    pairs = Pairs(
        picture=np.array([row[match.picture] for match in kept], dtype=np.int64),
        music=np.array([column[match.clip] for match in kept], dtype=np.int64),
        similarity=np.array([match.score for match in kept], dtype=np.float32),
    )
    return MatchedRecords(shown, heard, pairs)
