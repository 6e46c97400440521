"""What is searched for: a picture, several, a track, or a feeling."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from va_space.emotion.words import nearest_words, parse_feeling
from va_space.errors import MediaError
from va_space.media.kinds import Modality
from va_space.space import Encoded, Failure, VASpace

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Query:
    """A question to a library.

    Attributes:
        name: For people: a file's name, or the feeling as it was written.
        point: (2,) valence and arousal in [0, 1]; predicted, unless it was asked for as a feeling.
        std: (2,) standard deviation of the prediction; None for a feeling, or if it is not known.
        vector: (dimension,) unit vector; None for a feeling, which has no place in the space.
        modality: What the vector was made from; None for a feeling.
        source: What was given.
    """

    name: str
    point: FloatArray
    std: FloatArray | None
    vector: FloatArray | None
    modality: Modality | None
    source: Any


def read_queries(space: VASpace, sources: Sequence[Any]) -> list[Query | Failure]:
    """Make queries of pictures, music and feelings.

    Args:
        space: The model.
        sources: Pictures and music as :meth:`VASpace.encode` takes them; texts that
            :func:`va_space.emotion.words.parse_feeling` understands, which come before files of that name
            (write ./calm for a file called calm); and queries, which stay as they are.

    Returns:
        For each source its query, or why it could not be read.

    Raises:
        ValueError: A point lies outside [0, 1].
    """
    queries: dict[int, Query | Failure] = {}
    files = []
    for place, source in enumerate(sources):
        feeling = parse_feeling(source) if isinstance(source, str) else None
        if isinstance(source, Query):
            queries[place] = source
        elif feeling is not None:
            point = np.array(feeling, np.float32)
            queries[place] = Query(source.strip(), point, None, None, None, source)
        elif reason := missing(source):
            queries[place] = Failure(place, source, reason)
        else:
            files.append(place)
    for place, item in zip(files, space.encode_iter([sources[place] for place in files]), strict=True):
        if isinstance(item, Encoded):
            queries[place] = encoded_query(space, item.vector, item.modality, item.source)
        else:
            queries[place] = Failure(place, item.source, item.reason)
    return [queries[place] for place in range(len(sources))]


def read_query(space: VASpace, source: Any) -> Query:
    """Make one query; a list of sources becomes their mean.

    Args:
        space: The model.
        source: As one of the sources of :func:`read_queries`; or a list of them, either all pictures, all
            music or all feelings.

    Raises:
        MediaError: A picture or track cannot be read.
        ValueError: A point lies outside [0, 1], or a list is empty or mixed.
    """
    queries = []
    for query in read_queries(space, source if isinstance(source, list) else [source]):
        if isinstance(query, Failure):
            raise MediaError(str(query.source), query.reason)
        queries.append(query)
    return mean_query(space, queries)


def encoded_query(space: VASpace, vector: FloatArray, modality: Modality, source: Any = None) -> Query:
    """A query from a unit vector (dimension,) of a picture or of music."""
    point, std = space.predict_va_from_vectors(vector[None], modality, return_std=True)
    name = Path(source).name if isinstance(source, str | Path) else modality
    return Query(name, point[0], std[0] if np.isfinite(std).all() else None, vector, modality, source)


def mean_query(space: VASpace, queries: Sequence[Query]) -> Query:
    """Several queries as one: the normalised mean of their vectors, or the mean of their points.

    Raises:
        ValueError: There is none, or they are not all pictures, all music or all feelings.
    """
    if len(queries) == 1:
        return queries[0]
    if len({query.modality for query in queries}) != 1:
        raise ValueError("only pictures, only music or only feelings have a mean; search for each by itself")
    name = ", ".join(query.name for query in queries)
    sources = [query.source for query in queries]
    modality = queries[0].modality
    if modality is None:
        point = np.stack([query.point for query in queries]).mean(axis=0)
        return Query(name, point, None, None, None, sources)
    mean = np.stack([query.vector for query in queries if query.vector is not None]).mean(axis=0)
    vector = (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)
    whole = encoded_query(space, vector, modality)
    return Query(name, whole.point, whole.std, vector, modality, sources)


def missing(source: Any) -> str | None:
    """Why a text or path that is no feeling cannot be a file either; None if it is there, or no path."""
    if not isinstance(source, str | Path) or Path(source).exists():
        return None
    text = str(source)
    if not text.strip() or Path(text).suffix or len(Path(text).parts) != 1 or not isinstance(source, str):
        return "no such file"
    near = nearest_words(text)
    hint = f"do you mean {' or '.join(near)}?" if near else "such as calm, happy, sad or tense"
    return f"no such file, and no known word of feeling; {hint}"
