"""Single-modal feature ratio of the music."""

from va_space.training.space.terms import TERMS, Term, TermOptions
from va_space.training.space.terms.sfr_pictures import SingleModalFeatureRatio


@TERMS.register("sfr_music")
def sfr_music(options: TermOptions) -> Term:
    """The term of the music."""
    return Term(SingleModalFeatureRatio(options.floor, options.sampled), ("music", "va_music", "rng"))
