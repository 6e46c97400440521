"""Ratings by one person, kept on their own machine, and the profile that is learnt from them.

A rating says of an item, as an answer to a query or by itself, how good it is (stars) or what it should have
been (a word such as "calmer"). Ratings are kept in a small database in the user's data folder, with the
vectors of what was rated, so that files may be moved or deleted. What is learnt from them is a
:class:`~va_space.feedback.profile.Profile`; searching, composing and restyling take it.

Example:
    >>> import tempfile
    >>> from va_space import VASpace, read_target
    >>> from va_space.demo.music import clips
    >>> space = VASpace.from_pretrained()
    >>> track, asked = read_target(space, clips()[0].path), read_target(space, "0.6,0.9")
    >>> item, query = Item.of(track, track.standing(space)), Item.of(asked, asked.standing(space))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     feedback = Feedback(f"{folder}/ratings.sqlite3")
    ...     _ = feedback.add([Rating(item, query, space.fingerprint, words=("calmer",))])
    ...     profile = feedback.profile("me", space.fingerprint)
    >>> bool(profile.moved([0.5, 0.5], "music")[1] < 0.5)
    True
"""

from va_space.feedback.exchange import read_ratings, write_ratings
from va_space.feedback.ratings import Item, Rating
from va_space.feedback.store import Feedback, store_path
from va_space.feedback.words import WORDS

__all__ = ["WORDS", "Feedback", "Item", "Rating", "read_ratings", "store_path", "write_ratings"]
