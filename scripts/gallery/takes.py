"""Music composed for photographs and for words, with its notes as piano rolls."""

from functools import partial
from io import BytesIO

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from piano_rolls import draw
from restyle_sheet import WORDS

from gallery.examples import Examples
from gallery.matches import credit_of, photograph_of
from gallery.page import Card, Media, Part
from va_space.emotion.words import standing_in_words
from va_space.generation.music import Take, compose
from va_space.generation.music.provenance import take_midi
from va_space.page.embedded import mp3_bytes
from va_space.retrieval.relative import standing_of

PHOTOGRAPHS = 3
COMPRESSION = 0.8  # some 10 kB a second
LEAD = """\
Music of {seconds:g} s for the first {photographs} of those photographs and for {words} of the words: each the
best of {candidates:,} scores by two judges, whose mean is said below. In the piano rolls colours are
instruments, and lines are phrases."""


def takes(examples: Examples, media: Media, seconds: float) -> Part:
    """A card for each piece; as many for words as for photographs."""
    compose_for = partial(compose, examples.space, seconds=seconds, seed=examples.seed)
    pictures, words = [], []
    for photograph, target in examples.photographs[:PHOTOGRAPHS]:
        take = compose_for(target)
        card = _card(media, take, photograph.name, photograph.title, standing_of(examples.space, target))
        shown = [photograph_of(media, photograph), *card.pictures]
        pictures.append(Card(shown, [*card.lines, credit_of(photograph, "scaled down")]))
    for word in WORDS[: len(pictures)]:
        take = compose_for(word)
        (feeling,) = take.request.feelings
        words.append(_card(media, take, word, f"*{word}*", standing_in_words(feeling.relative, "music")))
    lead = LEAD.format(
        seconds=seconds,
        photographs=len(pictures),
        words=len(words),
        candidates=take.request.candidates,
    )
    return Part("Takes", lead, [*pictures, *words])


def _card(media: Media, take: Take, name: str, title: str, asked: str) -> Card:
    sound = media.add(f"music-{name}.mp3", mp3_bytes(take.sound.T, take.sample_rate, COMPRESSION))
    score = media.add(f"music-{name}.mid", take_midi(take))
    roll = media.add(f"music-{name}.png", piano_roll(take))
    return Card(
        [(roll, f"Piano roll of the music for {title.strip('*')}.")],
        [
            f"**Music for {title}**, {take.why}.",
            f"Asked for: {asked}. Judged: {standing_in_words(take.chosen.felt, 'composed music')}.",
            media.listen(f"music for {title.strip('*')}", sound),
            f"[Score (MIDI)]({score})",
        ],
    )


def piano_roll(take: Take) -> bytes:
    """The notes of a take, as a PNG."""
    figure = Figure(figsize=(6, 2.8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    draw(axes, take)
    axes.set(xlabel="seconds", ylabel="pitch (MIDI)")
    file = BytesIO()
    figure.savefig(file, dpi=100, metadata={"Software": None})
    return file.getvalue()
