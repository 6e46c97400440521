"""What lyrics are about: the words that are sung most."""

import re
from collections import Counter
from collections.abc import Sequence

from va_space.generation.tags.description import LyricLine, Section

_WORD = re.compile(r"[^\W\d_]{4,}")
# Words of four letters or more that say nothing about a picture.
_FUNCTION_WORDS = """
about after again ain't all'll along also always another any anything aren't around away baby back
because been before being cause come coming could couldn't didn't does doesn't doing don't down each
even ever every everything feel from getting gonna gotta have haven't having here hers him hold into
it'll it's just keep knew know known leave less let's like little long look made make many maybe
more most much must myself need never nobody nothing once only other ours over please really right
said same shall should since some somebody someone something still stop such take tell than that
that's their them then there there's these they they're thing things think this those though through
till time told took turn under until upon very wanna want wants wasn't well went were what what's
when where which while will with without won't would wouldn't yeah year your yours you're you've
yourself
"""
_EMPTY = frozenset(_FUNCTION_WORDS.split())


def sung_most(lyrics: Sequence[LyricLine], section: Section | None = None, count: int = 3) -> list[str]:
    """The words that are sung most, of those that say something; at equal counts, the earlier ones.

    Args:
        lyrics: All lines.
        section: Only lines that begin within it, where lines have times.
        count: Words at most.

    >>> sung_most([LyricLine("Rain on the harbour"), LyricLine("rain, and the harbour lights")])
    ['rain', 'harbour', 'lights']
    """
    timed = section is not None and any(line.start is not None for line in lyrics)
    lines = [
        line.text
        for line in lyrics
        if not timed or (section and line.start is not None and section.start <= line.start < section.end)
    ]
    words = [word for line in lines for word in _WORD.findall(line.casefold()) if word not in _EMPTY]
    return [word for word, _ in Counter(words).most_common(count)]
