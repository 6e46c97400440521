"""Two views of the same picture are the same vector."""

from torch import Tensor

from va_space.training.space import losses
from va_space.training.space.reduced import ReducedLoss
from va_space.training.space.terms import TERMS, Term, TermOptions


class ViewConsistencyLoss(ReducedLoss):
    """See :func:`va_space.training.space.losses.view_consistency`; one element per row."""

    def forward(self, again: Tensor, features: Tensor) -> Tensor:
        """Features (n, d) of two views of the same n items to a scalar."""
        return self.reduce(losses.view_consistency(features, again, reduction="none"), features)


@TERMS.register("consistency")
def consistency(options: TermOptions) -> Term:
    """The term of the pictures."""
    return Term(ViewConsistencyLoss(), ("pictures_again", "pictures"))
