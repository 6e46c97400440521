"""Children that Ctrl-C reaches, also when the tests were started where it is ignored: in the background."""

import signal


def interruptible() -> None:
    """For `preexec_fn`: what is ignored stays so in a child."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
