"""What ``va-space search`` found, as rows for programs and for people."""

from typing import TYPE_CHECKING, Any

from va_space.text import printable, valid_unicode

if TYPE_CHECKING:
    from va_space.emotion.reference import Kind
    from va_space.retrieval.results import Found
    from va_space.space import VASpace
    from va_space.targets import Target


def row_of(query: "Target", result: "Found", several: bool) -> dict[str, Any]:
    """One result as JSON and CSV have it."""
    row: dict[str, Any] = {"query": valid_unicode(query.name)} if several else {}
    row["rank"] = result.rank
    percentiles = result.percentiles or (None, None)
    numbers = {
        **{name: getattr(result, name) for name in ("score", "similarity", "cosine", "valence", "arousal")},
        "valence_percentile": percentiles[0],
        "arousal_percentile": percentiles[1],
        "valence_std": result.valence_std,
        "arousal_std": result.arousal_std,
    }
    row |= {name: None if value is None else round(value, 4) for name, value in numbers.items()}
    for name in ("title", "artist", "album"):
        if hasattr(result, name):
            row[name] = valid_unicode(getattr(result, name))
    row["path"] = valid_unicode(result.path)
    row["also"] = [*map(valid_unicode, result.also)]
    row |= _extent(result)
    if apart := result.explanation:
        row["valence_apart"], row["arousal_apart"] = round(apart.valence, 4), round(apart.arousal, 4)
        row["rest_apart"] = None if apart.rest is None else round(apart.rest, 4)
        row["why"] = apart.words
    return row


def _extent(result: "Found") -> dict[str, Any]:
    """How long, or how large, what was found is, and when it is heard or shown."""
    return {
        name: round(getattr(result, name), 3)
        for name in ("duration", "start", "length", "width", "height")
        if hasattr(result, name)
    }


def for_people(row: dict[str, Any], others: str) -> dict[str, Any]:
    """The same for a table."""
    from va_space.emotion.words import standing_in_words

    shown: dict[str, Any] = {name: row[name] for name in ("query", "rank", "score") if name in row}
    percentiles = row["valence_percentile"], row["arousal_percentile"]
    if percentiles[0] is None:
        shown["valence"] = _plus_minus(row["valence"], row["valence_std"])
        shown["arousal"] = _plus_minus(row["arousal"], row["arousal_std"])
    else:
        shown["score"] = f"{min(round(100 * row['score']), 99)}%"  # nobody knows all music
        shown["the picture is" if "width" in row else "the track is"] = standing_in_words(percentiles, others)
    shown |= {name: row[name] for name in ("why",) if name in row}
    shown |= {name: f"{row[name]:g} s" for name in ("start", "length") if name in row}
    if "width" in row:
        shown["size"] = f"{row['width']} x {row['height']}"
    return shown | {name: row[name] for name in ("title", "artist", "path") if name in row}


def table_of(rows: list[dict[str, Any]], others: str) -> list[dict[str, Any]]:
    """Rows for a table; files that hold the same as a result are named if there are any."""
    shown = [for_people(row, others) for row in rows]
    if not any(row["also"] for row in rows):
        return shown
    return [{**each, "also": ", ".join(row["also"])} for each, row in zip(shown, rows, strict=True)]


def _plus_minus(value: float, deviation: float | None) -> str:
    return f"{value:.3f}" if deviation is None else f"{value:.2f} ± {deviation:.2f}"


def described(space: "VASpace", query: "Target", kind: "Kind | None") -> str:
    """A query in one line: its valence and arousal, and where it stands."""
    from va_space.retrieval.relative import standing_of

    deviations = (None, None) if query.std is None else map(float, query.std)
    valence, arousal = map(_plus_minus, query.point, deviations)
    stands = standing_of(space, query, kind)
    return f"{printable(query.name)}: valence {valence}, arousal {arousal}{stands and '; '}{stands}"
