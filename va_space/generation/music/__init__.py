"""Music for a feeling: composed by rule, chosen by judges, played by a small synthesiser."""

from va_space.generation.music.compose import Take, compose, compose_takes
from va_space.generation.music.target import Course, Feeling, read_course

__all__ = ["Course", "Feeling", "Take", "compose", "compose_takes", "read_course"]
