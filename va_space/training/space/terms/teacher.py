"""Predicted valence-arousal of music for which a kernel regression on labelled music stands in."""

from va_space.training.space.terms import TERMS, Term, TermOptions
from va_space.training.space.terms.va_pictures import ValenceArousalLoss


@TERMS.register("teacher")
def teacher(options: TermOptions) -> Term:
    """The term of what :class:`va_space.training.space.kernel_teacher.KernelTeacher` answers."""
    return Term(ValenceArousalLoss(), ("predicted_va_taught", "taught_va"), optional=True)
