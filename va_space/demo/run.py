"""Music for photographs, from what packages bring, as a page."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from va_space.atomic import replacing
from va_space.demo.music import clips
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.errors import MediaError
from va_space.media.pictures import load_picture
from va_space.report import make_answer, write_report
from va_space.retrieval.index import index
from va_space.retrieval.relative import compare, standing_of
from va_space.retrieval.search import search
from va_space.space import Failure, VASpace
from va_space.targets import encoded_target

MATCHES = 3
_LONGEST_SIDE = 960
_WHOLE = 60.0  # seconds, more than any clip has


@dataclass(frozen=True)
class DemoResult:
    """What the demo made.

    Attributes:
        page: ``index.html``; the folder around it is all that it needs.
        rows: A line for each match: picture, rank, music, composer, score in [0, 1], and valence and
            arousal of the music, both in [0, 1].
    """

    page: Path
    rows: list[dict[str, Any]]


def run_demo(output: str | Path, space: VASpace, progress: Callable[[str], None] | None = None) -> DemoResult:
    """Find music for photographs and write a folder with a page that shows and plays the result.

    Args:
        output: The folder; made if it is not there. It gets ``index.html``, ``pictures``, ``music`` and
            ``library``, which ``va-space search`` can search.
        space: The model.
        progress: Called with a line for people before each step.

    Raises:
        MissingExtraError: The packages with the photographs are not installed.
    """
    say = progress or (lambda _: None)
    output = Path(output)
    pictures, music = output / "pictures", output / "music"
    say("Copying photographs and clips")
    files = [pictures / f"{photo.name}.jpg" for photo in PHOTOGRAPHS]
    for photo, file in zip(PHOTOGRAPHS, files, strict=True):
        _write(file, _jpeg(photo.path))
    by_path = {(music / clip.path.name).absolute(): clip for clip in clips()}
    for path, clip in by_path.items():
        _write(path, clip.path.read_bytes())
    say(f"Embedding {len(by_path)} clips of music")
    library = index(space, by_path, output / "library", rebuild=True).library
    say(f"Embedding {len(files)} photographs and finding music for them")
    answers = []
    for photo, file, item in zip(PHOTOGRAPHS, files, space.encode_iter(files), strict=True):
        if isinstance(item, Failure):
            raise MediaError(file, item.reason)
        query = encoded_target(space, item)
        found = search(space, library, query, len(library), clip=_WHOLE)
        # The worst match beside the best shows what the score means.
        shown = [*found[:MATCHES], found[-1]]
        answers.append(
            make_answer(
                query,
                shown,
                compare(space, library, query),
                name=photo.title,
                description=photo.description,
                stands=standing_of(space, query),
            )
        )
    page = output / "index.html"
    music_played = sorted(found, key=lambda result: by_path[result.path].title)
    write_report(
        page,
        answers,
        cloud=[],  # each of the few tracks is a dot that plays
        model=space.fingerprint,
        title="Music that feels like a picture",
        others=music_played,
        embed_limit=0,
        template=Path(__file__).parent / "page.html",
        values={
            "music": [(by_path[result.path], result) for result in music_played],
            "photographs": PHOTOGRAPHS,
        },
    )
    rows = [
        {
            "picture": answer.name,
            "rank": result.rank,
            "music": by_path[result.path].title,
            "composer": by_path[result.path].composer,
            "score": round(result.score, 4),
            "valence": round(result.valence, 4),
            "arousal": round(result.arousal, 4),
        }
        for answer in answers
        for result in answer.results[:MATCHES]
    ]
    return DemoResult(page, rows)


def _jpeg(path: Path) -> bytes:
    picture = load_picture(path)
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as beside:
        beside.write_bytes(content)
