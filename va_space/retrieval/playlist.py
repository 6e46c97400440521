"""What was found as an extended M3U playlist, in UTF-8."""

from collections.abc import Sequence
from pathlib import Path

from va_space.atomic import replacing
from va_space.retrieval.results import Result


def write_playlist(path: str | Path, results: Sequence[Result], *, passages: bool = False) -> None:
    """Write a playlist that starts each track at its cue, in players that know how to.

    An entry is a line ``#EXTINF`` with seconds, artist, title; lines ``#EXTVLCOPT`` with ``start-time`` and
    ``stop-time`` in seconds, which VLC obeys and other players take for comments; and the absolute path.

    Args:
        path: The playlist; ``.m3u8`` is the ending that says UTF-8. Missing folders are made.
        results: What to play, in this order.
        passages: Stop at the end of the cue; otherwise each track plays on from its cue to its end.
    """
    lines = ["#EXTM3U"]
    gone = sum(not result.is_there for result in results)
    if gone:
        lines.append(
            f"# {gone} of {len(results)} files were gone when this was written; index the music again"
        )
    for result in results:
        name = " - ".join(_line(part) for part in (result.artist, result.title) if part)
        lines.append(f"#EXTINF:{round(result.length if passages else result.duration)},{name}")
        lines.append(f"#EXTVLCOPT:start-time={result.start:.2f}")
        if passages:
            lines.append(f"#EXTVLCOPT:stop-time={result.start + result.length:.2f}")
        if not result.is_there:
            lines.append("# This file was gone:")
        lines.append(_entry(result.path))
    with replacing(path) as beside:
        beside.write_bytes(("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"))


def _line(text: str) -> str:
    return " ".join(text.split())


def _entry(path: Path) -> str:
    text = str(path.absolute())
    # Players differ in which URIs they decode: one is written only where a line cannot hold the path.
    return text if text == text.strip() and text.splitlines() == [text] else path.absolute().as_uri()
