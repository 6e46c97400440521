"""The models that are known by name, with their licences as their cards say; docs/neural.md shows this table.

None of them comes with va-space, and none is fetched unless a caller says so. A folder with a model of the
same kind does as well as a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["music", "diffusion music", "caption", "language", "painting", "clap"]
"""What a model does: text to music (MusicGen, or by diffusion), picture to text, text to text, text to
picture, similarity of text and sound."""


@dataclass(frozen=True)
class ModelCard:
    """A model that is published.

    Attributes:
        repository: Its name on the hub.
        kind: What it does.
        licence: As its card says.
        commercial: Whether that licence lets it be used commercially: "yes", "no", or under what condition.
        gigabytes: Size of its weights, about.
        note: What else is to be known.
    """

    repository: str
    kind: Kind
    licence: str
    commercial: str
    gigabytes: float
    note: str = ""


_STABILITY = "yes, up to a yearly revenue of 1 million US dollars"
_GATED = "access on the hub only after its terms were accepted"
_RAIL = "yes, but for the uses that its licence lists"
_CONVERT = "if the repository has no model.safetensors, it has to be converted"

MODELS: Mapping[str, ModelCard] = MappingProxyType(
    {
        # text to music
        "musicgen-small": ModelCard("facebook/musicgen-small", "music", "CC-BY-NC-4.0", "no", 2.4),
        "musicgen-medium": ModelCard("facebook/musicgen-medium", "music", "CC-BY-NC-4.0", "no", 8.0),
        "musicgen-large": ModelCard("facebook/musicgen-large", "music", "CC-BY-NC-4.0", "no", 13.7),
        "musicgen-stereo-small": ModelCard(
            "facebook/musicgen-stereo-small", "music", "CC-BY-NC-4.0", "no", 2.4
        ),
        "stable-audio-open": ModelCard(
            "stabilityai/stable-audio-open-1.0",
            "diffusion music",
            "Stability AI Community License",
            _STABILITY,
            4.9,
            _GATED,
        ),
        # picture to text
        "blip-base": ModelCard(
            "Salesforce/blip-image-captioning-base", "caption", "BSD-3-Clause", "yes", 1.0, _CONVERT
        ),
        "blip-large": ModelCard(
            "Salesforce/blip-image-captioning-large", "caption", "BSD-3-Clause", "yes", 1.9, _CONVERT
        ),
        # text to text
        "smollm2-360m": ModelCard(
            "HuggingFaceTB/SmolLM2-360M-Instruct", "language", "Apache-2.0", "yes", 0.7
        ),
        "qwen2.5-0.5b": ModelCard("Qwen/Qwen2.5-0.5B-Instruct", "language", "Apache-2.0", "yes", 1.0),
        "qwen2.5-1.5b": ModelCard("Qwen/Qwen2.5-1.5B-Instruct", "language", "Apache-2.0", "yes", 3.1),
        "falcon-7b": ModelCard(
            "tiiuae/falcon-7b-instruct", "language", "Apache-2.0", "yes", 14.4, "the paper's"
        ),
        # text to picture
        "sd-turbo": ModelCard(
            "stabilityai/sd-turbo", "painting", "Stability AI Community License", _STABILITY, 5.2
        ),
        "stable-diffusion-1.5": ModelCard(
            "stable-diffusion-v1-5/stable-diffusion-v1-5", "painting", "CreativeML OpenRAIL-M", _RAIL, 5.5
        ),
        "sdxl": ModelCard(
            "stabilityai/stable-diffusion-xl-base-1.0", "painting", "CreativeML OpenRAIL++-M", _RAIL, 13.9
        ),
        "flux-schnell": ModelCard(
            "black-forest-labs/FLUX.1-schnell", "painting", "Apache-2.0", "yes", 33.7, _GATED
        ),
        # similarity of text and sound, for the benchmark
        "clap-unfused": ModelCard("laion/clap-htsat-unfused", "clap", "Apache-2.0", "yes", 0.6, _CONVERT),
        "clap-music": ModelCard("laion/larger_clap_music", "clap", "Apache-2.0", "yes", 0.8, _CONVERT),
    }
)
"""Models by the names that commands take."""

DEFAULTS: Mapping[Kind, str] = MappingProxyType(
    {
        "music": "musicgen-small",
        "diffusion music": "stable-audio-open",
        "caption": "blip-base",
        "language": "qwen2.5-0.5b",
        "painting": "sd-turbo",
        "clap": "clap-music",
    }
)
"""The model of each kind that is taken if none is named."""


def card_of(name: str) -> ModelCard | None:
    """The card of a model by its short name or by its name on the hub; None if it is not in the table."""
    if name in MODELS:
        return MODELS[name]
    return next((card for card in MODELS.values() if card.repository.casefold() == name.casefold()), None)


def names_of(kind: Kind) -> list[str]:
    """The names of the models of a kind.

    >>> names_of("caption")
    ['blip-base', 'blip-large']
    """
    return [name for name, card in MODELS.items() if card.kind == kind]
