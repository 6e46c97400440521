"""Generation with pretrained networks: captions, descriptions and music, each under its own licence."""

from va_space.generation.neural.models import LoadedModel, load_model
from va_space.generation.neural.table import MODELS, ModelCard

__all__ = ["MODELS", "LoadedModel", "ModelCard", "load_model"]
