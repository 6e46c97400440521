"""Whether music found for sentences felt so to listeners: twenty sentences search Emotify's recordings."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from va_space.benchmark.context import Context
from va_space.benchmark.held_out import read_held_out
from va_space.benchmark.hubness import best
from va_space.benchmark.metrics import Floats, bootstrap_interval
from va_space.benchmark.result import TableRow, TaskResult, failure_notes
from va_space.benchmark.sentences import SENTENCES
from va_space.benchmark.tasks import TASKS
from va_space.benchmark.tasks.listeners import relative_scores, votes_of
from va_space.benchmark.votes import PERMUTATIONS, word_rows
from va_space.datasets import emotify
from va_space.emotion.words import STRENGTH_IN_MUSIC, WORDS, feeling_percentiles
from va_space.encoders.text.sentences import TextFeatures
from va_space.space import VASpace

TOP = 10
OURS = "va-space search --text"

METRICS = {
    "gain": "mean over the sentences of the share of listeners who chose the sentence's feeling, in the top "
    "tracks less in all recordings",
    "gain interval": "95% bootstrap interval of gain, drawing sentences",
    "ours less it": "95% bootstrap interval of our gain less this one, drawing sentences",
    "p": "one-sided permutation test: votes permuted between recordings",
    "right": "share of the sentences whose gain is above 0",
    "distinct": "tracks that are in a list",
}


@TASKS.register("text-music")
def run(context: Context) -> TaskResult:
    """Every sentence asks for the ten best of all recordings."""
    space, rng = context.space, np.random.default_rng(context.seed)
    recordings, sentences = emotify.load(context.data_root / "emotify"), list(SENTENCES)
    texts = space.encode_text(sentences)
    held = read_held_out(space, recordings, context.held_out, "emotify")
    votes = votes_of(held.records)
    standing = space.distribution("text").percentile(space.predict_va_from_vectors(texts, "text"))
    words = nearest_words(space, sentences)
    asked = [feeling_percentiles(word, STRENGTH_IN_MUSIC) or (0.5, 0.5) for word in words]
    scores = {OURS: np.stack([relative_scores(space, each, held.va) for each in standing])}
    if held.same_space:
        scores[f"{OURS} --absolute"] = (texts @ held.vectors.T).astype(np.float64)
    scores["nearest word of feeling"] = np.stack([relative_scores(space, each, held.va) for each in asked])
    scores["random"] = rng.uniform(size=(len(sentences), len(held.records)))
    tops = {name: best(values, min(TOP, len(held.records))) for name, values in scores.items()}
    ours = gains_of(tops[OURS], votes)
    rows: list[TableRow] = [
        gain_row(name, top, votes, rng, context.seed, ours=ours) for name, top in tops.items()
    ]
    found = word_rows(sentences, tops[OURS], votes, rng, name="sentence", wanted=SENTENCES)
    for row, place, word in zip(found, standing, words, strict=True):
        row |= {"valence percentile": place[0], "arousal percentile": place[1], "nearest word": word}
    return {
        "data": "twenty sentences; recordings of Emotify with the votes of their listeners",
        "n": {"sentences": len(sentences), "recordings": len(held.records)},
        "metrics": METRICS,
        "rows": [*rows, *found],
        "notes": [
            held.note,
            f"tracks: the {TOP} best of each sentence; its feeling was written down before any search",
            "sentences: share of listeners in the best tracks of va-space search --text less that of all "
            "recordings; p by permutation of votes",
            "nearest word of feeling: the known word with the largest cosine to the sentence in the last "
            "of the encoder's layers, words and sentences each about their mean; searched for as a word",
            f"{PERMUTATIONS} permutations",
            *failure_notes(held.failures),
        ],
    }


def gain_row(
    name: str,
    top: NDArray[np.int64],
    votes: Mapping[str, Floats],
    rng: np.random.Generator,
    seed: int,
    wanted: Sequence[str] = tuple(SENTENCES.values()),
    *,
    ours: Floats | None = None,
) -> TableRow:
    """How much more often than in all recordings listeners chose what each sentence wants.

    Args:
        name: Of the ranking.
        top: (sentences, k) numbers of the tracks that each found.
        votes: Feeling -> (tracks,) shares of listeners.
        rng: For the permutations.
        seed: Of the bootstrap.
        wanted: (sentences,) feelings.
        ours: (sentences,) gains to compare with.
    """
    shares, gains = _above_mean(votes, wanted), gains_of(top, votes, wanted)
    better = None if ours is None else ours - gains
    drawn = []
    for _ in range(PERMUTATIONS):
        other = rng.permutation(shares.shape[1])
        drawn.append(np.take_along_axis(shares, other[top], axis=1).mean())
    reached = int((np.array(drawn) >= gains.mean() - 1e-12).sum())
    return {
        "ranking": name,
        "gain": float(gains.mean()),
        "gain interval": bootstrap_interval(np.mean, [gains], range(len(gains)), seed=seed),
        "ours less it": None
        if better is None or not better.any()
        else bootstrap_interval(np.mean, [better], range(len(better)), seed=seed),
        "p": (1 + reached) / (1 + PERMUTATIONS),
        "right": float((gains > 0).mean()),
        "distinct": len(np.unique(top)),
    }


def gains_of(
    top: NDArray[np.int64], votes: Mapping[str, Floats], wanted: Sequence[str] = tuple(SENTENCES.values())
) -> Floats:
    """(sentences,) share of listeners who chose what each wants, in its top tracks less in all."""
    return np.take_along_axis(_above_mean(votes, wanted), top, axis=1).mean(axis=1)


def nearest_words(space: VASpace, sentences: Sequence[str]) -> list[str]:
    """The word of feeling that is most like each sentence, by the last layer of the features."""
    known, config = sorted(WORDS), space.text_side.model.config
    width = space.sentence_encoder.features // len(config.layers)
    sides = []
    for texts in (list(sentences), known):
        read = space.sentence_encoder.read(texts)
        layer = np.stack(
            [each.parts.mean(axis=0)[-width:] for each in read if isinstance(each, TextFeatures)]
        )
        centred = layer - layer.mean(axis=0) if len(layer) > 1 else layer
        sides.append(centred / np.linalg.norm(centred, axis=1, keepdims=True))
    return [known[index] for index in (sides[0] @ sides[1].T).argmax(axis=1)]


def _above_mean(votes: Mapping[str, Floats], wanted: Sequence[str]) -> Floats:
    """(sentences, tracks) share of listeners who chose what each wants, less that of all tracks."""
    return np.stack([votes[feeling] - votes[feeling].mean() for feeling in wanted])
