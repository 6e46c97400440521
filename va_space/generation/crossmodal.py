"""Pictures for sounds and sounds for pictures by a trained pair of networks (Chen et al. 2017)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from va_space.atomic import replacing
from va_space.encoders.config import from_known_keys
from va_space.encoders.tensors import read_tensors
from va_space.errors import CheckpointError, ConfigError
from va_space.media.audio import load_audio
from va_space.media.patches import PatchSettings, cut_patches, patches_to_sounds, sounds_to_patches
from va_space.media.pictures import PictureSource, load_picture, middle_square
from va_space.networks.crossmodal import Encoder, Generator

FILE = "crossmodal.safetensors"
_FORMAT = "va-space-crossmodal"

Direction = Literal["sound-to-picture", "picture-to-sound"]
Encoding = Literal["classifier", "autoencoder", "one-hot"]
PICTURE, SOUND = 3, 1
"""Channels of pictures and of log-mel patches."""


@dataclass(frozen=True)
class CrossmodalConfig:
    """What a model is made of.

    Attributes:
        instruments: What it tells apart.
        direction: What is given, and what is made.
        encoding: What the generator is told of the given side: features of an encoder that learnt to tell
            instruments apart ("classifier") or to give its input back ("autoencoder"), or only the most
            likely instrument ("one-hot").
        patch: How sounds become log-mel patches; pictures have the same side.
        features: Length of the encoder's features.
        latent: Numbers of noise.
        channels: Of the finest maps of both networks.
        dataset: What it was trained on, a name of :data:`va_space.datasets.instruments.INSTRUMENTS`,
        folder: and where that was in the data root.
    """

    instruments: tuple[str, ...]
    direction: Direction = "sound-to-picture"
    encoding: Encoding = "classifier"
    patch: PatchSettings = field(default_factory=PatchSettings)
    features: int = 64
    latent: int = 64
    channels: int = 32
    dataset: str = "folders"
    folder: str = "instruments"

    @property
    def inputs(self) -> int:
        """Channels of what is given."""
        return SOUND if self.direction == "sound-to-picture" else PICTURE

    @property
    def outputs(self) -> int:
        """Channels of what is made."""
        return PICTURE if self.direction == "sound-to-picture" else SOUND

    @property
    def condition(self) -> int:
        """Length of the condition."""
        return len(self.instruments) if self.encoding == "one-hot" else self.features

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able dictionary that :meth:`from_dict` reads."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "CrossmodalConfig":
        """Read what :meth:`to_dict` wrote.

        Raises:
            ConfigError: A key is unknown: the file was made by another version.
        """
        patch = from_known_keys(PatchSettings, values["patch"])
        return from_known_keys(cls, {**values, "patch": patch, "instruments": tuple(values["instruments"])})


class CrossmodalModel(nn.Module):
    """An encoder of one side and a generator of the other.

    Args:
        config: What it is made of.
    """

    def __init__(self, config: CrossmodalConfig) -> None:
        super().__init__()
        size, channels, classes = config.patch.size, config.channels, len(config.instruments)
        self.config = config
        self.encoder = Encoder(config.inputs, size, classes, config.features, channels)
        self.generator = Generator(config.outputs, size, config.condition, config.latent, channels)

    def condition(self, inputs: Tensor) -> Tensor:
        """(n, channels, size, size) in [-1, 1] of the given side to (n, condition)."""
        features: Tensor = self.encoder(inputs)
        if self.config.encoding != "one-hot":
            return features
        named = self.encoder.classes(features).argmax(dim=1)
        return functional.one_hot(named, len(self.config.instruments)).to(features)

    def forward(self, inputs: Tensor, z: Tensor) -> Tensor:
        """The given side and (n, latent) normal numbers to (n, outputs, size, size) in [-1, 1]."""
        made: Tensor = self.generator(z, self.condition(inputs))
        return made


class Crossmodal:
    """Makes pictures for sounds, or sounds for pictures.

    Args:
        model: The networks.
    """

    def __init__(self, model: CrossmodalModel) -> None:
        self.model = model.eval().requires_grad_(False)

    @property
    def config(self) -> CrossmodalConfig:
        """What the model is made of."""
        return self.model.config

    def generate(self, inputs: Tensor, seed: int = 0) -> Tensor:
        """The other side of patches or pictures (n, channels, size, size) in [-1, 1], likewise."""
        rng = torch.Generator().manual_seed(seed)
        z = torch.randn(len(inputs), self.config.latent, generator=rng)
        with torch.inference_mode():
            return self.model(inputs, z)

    def pictures(self, sound: str | Path, count: int = 1, seed: int = 0) -> list[Image.Image]:
        """Pictures for a recording, each for another stretch of it, spread evenly.

        Raises:
            ConfigError: The model makes sounds.
            MediaError: The recording cannot be read.
        """
        self._check("sound-to-picture")
        patches = sounds_to_patches(sound_pieces(sound, self.config.patch, count), self.config.patch)
        made = self.generate(patches[np.arange(count) * len(patches) // count], seed)
        return [Image.fromarray(each) for each in to_pixels(made)]

    def sounds(self, picture: PictureSource, count: int = 1, seed: int = 0) -> NDArray[np.float32]:
        """(count, samples) sounds for a picture, at ``config.patch.sample_rate``, each from other noise.

        Raises:
            ConfigError: The model makes pictures.
            MediaError: The picture cannot be read.
        """
        self._check("picture-to-sound")
        square = middle_square(load_picture(picture), self.config.patch.size)
        inputs = torch.from_numpy(np.array(square)).float() / 127.5 - 1
        made = self.generate(inputs.expand(count, -1, -1, -1), seed)
        return patches_to_sounds(made, self.config.patch, seed=seed).numpy()

    def save_takes(self, source: str | Path, output: str | Path, takes: int = 1, seed: int = 0) -> list[Path]:
        """Write what is made for a file; several takes are numbered.

        Args:
            source: A sound, or a picture, as the model takes.
            output: Ends with ``.png`` for pictures, with ``.wav`` or ``.flac`` for sounds.
            takes: How many.
            seed: Of all randomness.

        Raises:
            ConfigError: The ending does not fit.
            MediaError: The file cannot be read, or is of the other kind.
        """
        import soundfile

        path = Path(output)
        endings = (".png",) if self.config.outputs == PICTURE else (".wav", ".flac")
        if path.suffix.lower() not in endings:
            raise ConfigError(
                f"{path}: this model goes {self._way}; the name must end with {' or '.join(endings)}"
            )
        if self.config.outputs == PICTURE:
            made: Sequence[Image.Image | NDArray] = self.pictures(source, takes, seed)
        else:
            made = list(self.sounds(source, takes, seed))
        names = [path.with_stem(f"{path.stem}-{take}") if takes > 1 else path for take in range(1, takes + 1)]
        for name, each in zip(names, made, strict=True):
            with replacing(name) as beside:
                if isinstance(each, Image.Image):
                    each.save(beside)
                else:
                    soundfile.write(beside, each, self.config.patch.sample_rate)
        return names

    def save(self, folder: str | Path) -> None:
        """Write ``crossmodal.safetensors`` into a folder, which is made if it is missing."""
        from safetensors.torch import save

        state = {name: value.detach().cpu().contiguous() for name, value in self.model.state_dict().items()}
        metadata = {"format": _FORMAT, "config": json.dumps(self.config.to_dict())}
        with replacing(Path(folder) / FILE) as beside:
            beside.write_bytes(save(state, metadata))

    @classmethod
    def load(cls, folder: str | Path) -> "Crossmodal":
        """Read what :meth:`save`, or a training, wrote.

        Raises:
            CheckpointError: It is not there, damaged, or something else.
        """
        path = Path(folder) / FILE
        if not path.is_file():
            raise CheckpointError(f"{folder} holds no pair of sound and picture: it has no {FILE}")
        state, metadata = read_tensors(path, _FORMAT, "no pair of sound and picture")
        try:
            model = CrossmodalModel(CrossmodalConfig.from_dict(json.loads(metadata["config"])))
            model.load_state_dict(state)
        except (KeyError, TypeError, ValueError, RuntimeError, ConfigError) as error:
            raise CheckpointError(f"{path}: damaged, or of another version ({error})") from error
        return cls(model)

    @property
    def _way(self) -> str:
        return f"from {self.config.direction.replace('-', ' ')}"

    def _check(self, direction: Direction) -> None:
        if self.config.direction != direction:
            raise ConfigError(f"this model goes {self._way}")


def sound_pieces(path: str | Path, patch: PatchSettings, most: int) -> Tensor:
    """(n, samples) stretches of a recording, as long as a patch, n from 1 to `most`.

    Raises:
        MediaError: It cannot be read.
    """
    return cut_patches(load_audio(path, patch.sample_rate), patch, most)


def to_pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """(n, 3, h, w) in [-1, 1] to (n, h, w, 3)."""
    return ((pictures + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
