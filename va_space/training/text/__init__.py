"""Training of the heads that lead texts into a space that is there."""
