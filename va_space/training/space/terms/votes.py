"""Order of tracks by listeners' votes for feelings, read off the music by an auxiliary layer."""

from torch import Tensor

from va_space.training.space import losses
from va_space.training.space.reduced import ReducedLoss
from va_space.training.space.terms import TERMS, Term, TermOptions


class VoteOrderLoss(ReducedLoss):
    """See :func:`va_space.training.space.losses.vote_order_loss`; one element per feeling."""

    def forward(self, scores: Tensor, votes: Tensor) -> Tensor:
        """Scores and shares of listeners (n, feelings) of n >= 2 tracks to a scalar."""
        return self.reduce(losses.vote_order_loss(scores, votes, reduction="none"), scores)


@TERMS.register("votes")
def votes(options: TermOptions) -> Term:
    """The term of music whose listeners voted; not every batch has some."""
    return Term(VoteOrderLoss(), ("predicted_votes", "votes"), optional=True)
