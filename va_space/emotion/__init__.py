"""Valence and arousal: the plane, and the words for feelings."""
