"""What a page needs so that its visitors can rate: items by their content, as feedback keeps them."""

import json
from collections.abc import Sequence

from markupsafe import Markup

from va_space.feedback.exchange import FORMAT, VERSION, item_data
from va_space.feedback.ratings import Item, Sort
from va_space.feedback.words import RIGHT
from va_space.report.answer import Answer
from va_space.retrieval.results import Found, Result

CHOICES = (RIGHT, "calmer", "livelier", "brighter", "sadder", "tenser", "gentler")
"""Words that a page offers; ``va-space feedback --say`` takes more."""


def is_rateable(result: Found) -> bool:
    """Whether a result is a track that says what its file holds and where it stands."""
    return (
        isinstance(result, Result)
        and bool(result.hash)
        and result.vector is not None
        and result.percentiles is not None
    )


def rateable_data(answers: Sequence[Answer], model: str) -> Markup | None:
    """What can be rated, as JSON for a script element; None if nothing can be.

    Args:
        answers: As the page shows them; result r of answer n is the item "n-r".
        model: Fingerprint of the model.
    """
    queries, items = {}, {}
    for number, answer in enumerate(answers, start=1):
        if answer.asked is None:
            continue
        queries[str(number)] = item_data(answer.asked)
        for result in filter(is_rateable, answer.results):
            assert result.percentiles is not None
            sort: Sort = "music" if isinstance(result, Result) else "picture"
            item = Item(result.hash, result.title, sort, result.percentiles, result.vector)
            items[f"{number}-{result.rank}"] = item_data(item)
    if not items:
        return None
    whole = {"format": FORMAT, "version": VERSION, "model": model, "queries": queries, "items": items}
    # A title may hold what would end the script element.
    return Markup(json.dumps(whole).replace("<", "\\u003c"))
