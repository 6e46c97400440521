"""Texts as the third side of the space: a sentence encoder, and heads that lead from it into the space."""
