"""Predicted valence-arousal of the music."""

from va_space.training.space.terms import TERMS, Term, TermOptions
from va_space.training.space.terms.va_pictures import ValenceArousalLoss


@TERMS.register("va_music")
def va_music(options: TermOptions) -> Term:
    """The term of the music."""
    return Term(ValenceArousalLoss(), ("predicted_va_music", "va_music"))
