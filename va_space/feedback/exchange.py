"""Ratings as JSON: what the report page saves, and what is exported. Read as a stranger's file."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from va_space.atomic import replacing
from va_space.encoders.vectors import FloatArray
from va_space.errors import FeedbackError
from va_space.feedback.ratings import Item, Rating, Sort
from va_space.feedback.words import WORDS
from va_space.text import shown, valid_unicode

FORMAT, VERSION = "va-space ratings", 1
LARGEST = 64 << 20  # bytes
MOST = 10_000  # ratings
_NAME = 500  # characters
_LONGEST = 8192  # numbers in a vector
_UNIT = 1e-2  # from which the length of a unit vector may differ

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Item(_Strict):
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    name: str = Field(max_length=_NAME)
    sort: Sort
    place: Annotated[list[Share], Field(min_length=2, max_length=2)]
    vector: Annotated[str, Field(max_length=6 * _LONGEST)] | None = None


class _Rating(_Strict):
    item: _Item
    query: _Item | None = None
    stars: Annotated[int, Field(ge=1, le=5)] | None = None
    words: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=len(WORDS))] = []
    at: str = Field(max_length=40, pattern=r"^\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)$")


class _Ratings(_Strict):
    format: Literal["va-space ratings"]
    version: Literal[1]
    model: str = Field(pattern=r"^[\w.:/-]{1,200}$")
    ratings: Annotated[list[_Rating], Field(max_length=MOST)]


def read_ratings(path: str | Path, *, profile: str = "me") -> list[Rating]:
    """Read ratings that a page saved, or that were exported; nothing of it is trusted.

    Args:
        path: A JSON file.
        profile: Whose ratings they become.

    Raises:
        FeedbackError: It cannot be read, is too large, or is not such a file; the message says where.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise FeedbackError(f"{path}: cannot be read ({error})") from error
    if len(content) > LARGEST:
        raise FeedbackError(f"{path}: more than {LARGEST >> 20} MiB, which no file of ratings has")
    try:
        found = _Ratings.model_validate_json(content)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return [
            Rating(
                _to_item(each.item),
                None if each.query is None else _to_item(each.query),
                found.model,
                each.stars,
                tuple(each.words),
                profile,
                # Of a rating in the future no later one would ever take the place.
                min(each.at.replace("Z", "+00:00"), now),
            )
            for each in found.ratings
        ]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FeedbackError(
            f"{path}: no file of ratings: {shown(where)}: {shown(first['msg'], 200)}"
        ) from error
    except FeedbackError as error:
        raise FeedbackError(f"{path}: {shown(error, 200)}") from error


def write_ratings(path: str | Path, ratings: Sequence[Rating]) -> None:
    """Write ratings made with one model for :func:`read_ratings`, all of them or none.

    Raises:
        FeedbackError: There are none, or they were made with several models.
    """
    models = {rating.model for rating in ratings}
    if len(models) != 1:
        raise FeedbackError(
            f"{path}: one file holds ratings made with one model; these are of {len(models)}"
            if models
            else f"{path}: no ratings to write"
        )
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "model": models.pop(),
        "ratings": [
            {
                "item": item_data(rating.item),
                "query": None if rating.query is None else item_data(rating.query),
                "stars": rating.stars,
                "words": rating.words,
                "at": rating.at,
            }
            for rating in ratings
        ],
    }
    with replacing(path) as beside:
        beside.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def item_data(item: Item) -> Mapping[str, object]:
    """An item as a page and a file have it."""
    vector = None if item.vector is None else base64.b64encode(item.vector.astype("<f4").tobytes()).decode()
    return {
        "hash": item.hash,
        "name": valid_unicode(item.name)[:_NAME],
        "sort": item.sort,
        "place": [min(max(round(float(share), 6), 0.0), 1.0) for share in item.place],
        "vector": vector,
    }


def _to_item(given: _Item) -> Item:
    valence, arousal = given.place
    vector = None if given.vector is None else _to_vector(given.vector)
    if (vector is None) != (given.sort == "feeling"):
        raise FeedbackError(
            f"{given.name}: a {given.sort} {'without' if vector is None else 'with'} a vector"
        )
    return Item(given.hash, given.name, given.sort, (valence, arousal), vector)


def _to_vector(text: str) -> FloatArray:
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise FeedbackError("a vector that is not in base 64") from error
    if not content or len(content) % 4 or len(content) > 4 * _LONGEST:
        raise FeedbackError(f"a vector of {len(content)} bytes")
    vector = np.frombuffer(content, "<f4")
    if not np.isfinite(vector).all() or abs(float(np.linalg.norm(vector.astype(np.float64))) - 1) > _UNIT:
        raise FeedbackError("a vector that is no unit vector")
    return vector
