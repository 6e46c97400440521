"""``va-space search``."""

from pathlib import Path
from typing import Annotated

import typer

from va_space.commands.common import AsJson, Device, Model, Precision, open_space, printable, show_table


def search(
    query: Annotated[
        str,
        typer.Argument(help='A picture, a track, or "valence,arousal" such as 0.8,0.3.', show_default=False),
    ],
    library: Annotated[
        Path, typer.Option("--library", "-l", help="Folder that va-space index made.", show_default=False)
    ],
    k: Annotated[int, typer.Option("-k", min=1, help="Number of tracks to show.")] = 10,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Find the music that feels most like a picture, a track, or a point of valence and arousal.

    The score, 0 to 1, is what ranks: for a picture the predicted similarity of feeling, for a track the
    cosine in the space, for a point the similarity of predicted valence and arousal to it. start is the
    second at which the part begins that fits best.
    """
    from va_space.feelings import parse_feeling
    from va_space.retrieval.library import MusicLibrary
    from va_space.retrieval.search import search as find

    try:
        parse_feeling(query)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="QUERY") from error
    opened = MusicLibrary.open(library)
    results = find(open_space(model, device, precision), opened, query, k)
    rows = [
        {
            "rank": result.rank,
            "score": round(result.score, 4),
            "valence": round(result.valence, 4),
            "arousal": round(result.arousal, 4),
            "start": f"{result.start:g} s" if not as_json else result.start,
            "title": printable(result.title),
            "path": printable(result.path),
        }
        for result in results
    ]
    show_table(rows, as_json)
