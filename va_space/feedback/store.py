"""Where ratings are kept: one SQLite file a person, which processes may use at the same time."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from va_space.errors import FeedbackError
from va_space.feedback.ratings import Item, Rating
from va_space.text import shown

if TYPE_CHECKING:
    from va_space.feedback.profile import Profile

STORE_VARIABLE = "VA_SPACE_FEEDBACK"
_VERSION = 1
_WAIT = 30.0  # seconds for another process that is writing
_SCHEMA = """
CREATE TABLE items (
    hash TEXT, model TEXT, name TEXT NOT NULL, sort TEXT NOT NULL, vector BLOB, PRIMARY KEY (hash, model)
);
CREATE TABLE ratings (
    id INTEGER PRIMARY KEY, profile TEXT NOT NULL, model TEXT NOT NULL,
    item TEXT NOT NULL, item_valence REAL NOT NULL, item_arousal REAL NOT NULL,
    query TEXT NOT NULL, query_valence REAL, query_arousal REAL,
    stars INTEGER, words TEXT NOT NULL, at TEXT NOT NULL, UNIQUE (profile, model, item, query)
);
"""
_ADD_ITEM = "INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?)"
_ADD = (
    "INSERT INTO ratings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
    "item_valence = excluded.item_valence, item_arousal = excluded.item_arousal, "
    "query_valence = excluded.query_valence, query_arousal = excluded.query_arousal, "
    "stars = excluded.stars, words = excluded.words, at = excluded.at WHERE excluded.at >= at"
)
_ALL = (
    "SELECT r.*, i.name AS item_name, i.sort AS item_sort, i.vector AS item_vector, "
    "q.name AS query_name, q.sort AS query_sort, q.vector AS query_vector FROM ratings r "
    "JOIN items i ON i.hash = r.item AND i.model = r.model "
    "LEFT JOIN items q ON q.hash = r.query AND q.model = r.model"
)
_CLEAN = (
    "DELETE FROM items WHERE NOT EXISTS (SELECT 1 FROM ratings r "
    "WHERE r.model = items.model AND items.hash IN (r.item, r.query))"
)


def store_path() -> Path:
    """The file named by VA_SPACE_FEEDBACK, else ``va-space/feedback.sqlite3`` in the user's data folder."""
    if given := os.environ.get(STORE_VARIABLE):
        return Path(given)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "va-space" / "feedback.sqlite3"


class Feedback:
    """The ratings on this machine.

    Each change is whole or not there, and waits for others; no file is made before there is a rating to keep.

    Args:
        path: The file; by default :func:`store_path`.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = store_path() if path is None else Path(path)

    def add(self, ratings: Iterable[Rating]) -> int:
        """Keep ratings, all or none; of one item for one query by one profile the latest counts.

        Returns:
            How many were given.

        Raises:
            FeedbackError: The store is damaged, of a newer version, or cannot be written.
        """
        given = list(ratings)
        with self._changing() as database:
            for rating in given:
                for item in filter(None, (rating.item, rating.query)):
                    vector = None if item.vector is None else item.vector.astype("<f4").tobytes()
                    database.execute(_ADD_ITEM, (item.hash, rating.model, item.name, item.sort, vector))
                query = rating.query
                database.execute(
                    _ADD,
                    (
                        *(rating.profile, rating.model, rating.item.hash, *rating.item.place),
                        *((query.hash, *query.place) if query else ("", None, None)),
                        *(rating.stars, json.dumps(rating.words), rating.at),
                    ),
                )
        return len(given)

    def ratings(self, profile: str | None = None, model: str | None = None) -> list[Rating]:
        """All ratings, or those of a profile, or made with a model; the oldest first."""
        if not self.path.exists():
            return []
        wanted = {"r.profile": profile, "r.model": model}
        named = {column: value for column, value in wanted.items() if value is not None}
        where = f" WHERE {' AND '.join(f'{column} = ?' for column in named)}" if named else ""
        with self._open() as database:
            rows = database.execute(f"{_ALL}{where} ORDER BY r.at, r.id", (*named.values(),)).fetchall()
        return [_rating(row) for row in rows]

    def delete(self, ids: Sequence[int]) -> int:
        """Forget ratings by their numbers; returns how many there were."""
        return self._delete("id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))

    def delete_profile(self, profile: str) -> int:
        """Forget all ratings of a profile; returns how many there were."""
        return self._delete("profile = ?", profile)

    def profile(self, name: str, model: str) -> "Profile":
        """What a profile's ratings teach for a model.

        Args:
            name: Such as "me".
            model: Fingerprint of the model.

        Raises:
            FeedbackError: There are no ratings of that name, or all were made with other models.
        """
        from va_space.feedback.profile import Profile

        ratings = self.ratings(name)
        own = [rating for rating in ratings if rating.model == model]
        if ratings and not own:
            others = sorted({rating.model for rating in ratings})
            raise FeedbackError(
                f"profile {shown(name)}: its {len(ratings)} ratings were made with another model "
                f"({', '.join(each[:12] for each in others)}, this one is {model[:12]}), and vectors of two "
                "models cannot be compared; give that model with --model, or rate with this one"
            )
        if not own:
            names = sorted({rating.profile for rating in self.ratings()})
            hint = f"there is {', '.join(map(shown, names))}" if names else "nothing was rated yet"
            raise FeedbackError(
                f"no profile {shown(name)}; {hint}: va-space feedback ITEM --for QUERY --stars 4"
            )
        return Profile.learn(own, name=name, model=model)

    def _delete(self, where: str, value: str) -> int:
        if not self.path.exists():
            return 0
        with self._changing() as database:
            count = database.execute(f"DELETE FROM ratings WHERE {where}", (value,)).rowcount
            database.execute(_CLEAN)
        return count

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            # What somebody likes is nobody else's business.
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                if _version(database) == 0:
                    for statement in filter(str.strip, _SCHEMA.split(";")):
                        database.execute(statement)
                    database.execute(f"PRAGMA user_version = {_VERSION}")
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)) as database:
                database.row_factory = sqlite3.Row
                if _version(database) > _VERSION:
                    raise FeedbackError(f"{self.path}: made by a newer version of va-space; update va-space")
                yield database
        except sqlite3.DatabaseError as error:
            raise FeedbackError(
                f"{self.path}: no store of ratings that can be used ({error}); {STORE_VARIABLE} names another"
            ) from error


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _rating(row: Any) -> Rating:
    query = _item(row, "query") if row["query"] else None
    return Rating(
        _item(row, "item"),
        query,
        row["model"],
        row["stars"],
        tuple(json.loads(row["words"])),
        row["profile"],
        row["at"],
        row["id"],
    )


def _item(row: Any, which: str) -> Item:
    kept = row[f"{which}_vector"]
    vector = None if kept is None else np.frombuffer(kept, "<f4")
    place = row[f"{which}_valence"], row[f"{which}_arousal"]
    return Item(row[which], row[f"{which}_name"], row[f"{which}_sort"], place, vector)
