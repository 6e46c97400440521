"""MusiCNN (Pons & Serra 2019): a music tagger with musically motivated convolutions.

Its weights were trained on the Million Song Dataset. Batch norms come after the rectifiers and are stored
as a
scale and a shift.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from va_space.networks.weights import load_strictly

SAMPLE_RATE, N_FFT, HOP, N_MELS = 16_000, 512, 256, 96
PATCH_FRAMES = 187  # 3 s: what it was trained on
_TIMBRAL = ((204, 38), (204, 67))  # filters, mel bands; 7 frames long
_TEMPORAL = ((51, 128), (51, 64), (51, 32))  # filters, frames; one mel band high
_FRONT = 204 + 204 + 51 + 51 + 51
_MIDDLE = 64
_CHANNELS = _FRONT + 3 * _MIDDLE
_EMBEDDING = 200
# Frames whose patches stay in a processor's cache.
_FRAMES_AT_ONCE = 64

# The 50 tags of the Million Song Dataset, in the order of the last layer.
TAGS = (
    "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s",
    "alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul",
    "indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill", "instrumental", "punk", "oldies",
    "blues", "hard rock", "ambient", "acoustic", "experimental", "female vocalist", "guitar", "Hip-Hop",
    "70s", "party", "country", "easy listening", "sexy", "catchy", "funk", "electro", "heavy metal",
    "Progressive rock", "60s", "rnb", "indie pop", "sad", "House", "happy",
)  # fmt: skip


class MusiCNN(nn.Module):
    """The tagger with its last layers.

    Attributes:
        channels: Channels over time before pooling, 753.
        embedding_size: Length of the embedding, 200.

    Example:
        >>> network = MusiCNN().eval()
        >>> pooled = network.pool(network.over_time(torch.zeros(2, 400, 96)), 2)
        >>> pooled.shape, network.tags(network.embedding(pooled)).shape
        (torch.Size([2, 2, 1506]), torch.Size([2, 2, 50]))
    """

    channels = _CHANNELS
    embedding_size = _EMBEDDING

    def __init__(self) -> None:
        super().__init__()
        shapes = [(filters, (7, bands)) for filters, bands in _TIMBRAL]
        shapes += [(filters, (frames, 1)) for filters, frames in _TEMPORAL]
        self.norm = ScaleShift(1, 1)
        self.front = nn.ModuleList(nn.Conv2d(1, filters, shape) for filters, shape in shapes)
        self.front_norm = nn.ModuleList(ScaleShift(filters, 2) for filters, _ in shapes)
        self.middle = nn.ModuleList(
            nn.Conv1d(inputs, _MIDDLE, 7, padding=3) for inputs in (_FRONT, _MIDDLE, _MIDDLE)
        )
        self.middle_norm = nn.ModuleList(ScaleShift(_MIDDLE, 2) for _ in self.middle)
        self.pooled_norm = ScaleShift(2 * _CHANNELS, 1)
        self.to_embedding = nn.Linear(2 * _CHANNELS, _EMBEDDING)
        self.embedding_norm = ScaleShift(_EMBEDDING, 1)
        self.to_tags = nn.Linear(_EMBEDDING, len(TAGS))

    def over_time(self, spectrograms: Tensor) -> Tensor:
        """What the network has at each frame.

        Args:
            spectrograms: (N, frames, 96): log10(10,000 x + 1) of the mel power x, 16 ms apart, as
                ``librosa.feature.melspectrogram`` computes it with `SAMPLE_RATE`, `N_FFT`, `HOP`, `N_MELS`.

        Returns:
            (N, 753, frames).
        """
        x = self.norm(spectrograms)  # (N, frames, 96)
        branches = []
        for conv, norm in zip(self.front, self.front_norm, strict=True):
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, ScaleShift)
            # The maximum of a norm with a negative scale is that of the minimum: turned signs save a pass.
            sign = norm.scale.sign()
            strongest = _strongest(x, conv.weight * sign[:, None, None, None])
            assert conv.bias is not None
            branches.append(norm(functional.relu(strongest * sign[:, None] + conv.bias[:, None])))
        front = torch.cat(branches, dim=1)  # (N, 561, frames)
        outputs, y = [front], front
        for index, (conv, norm) in enumerate(zip(self.middle, self.middle_norm, strict=True)):
            z = norm(functional.relu(conv(y)))
            y = z if index == 0 else y + z
            outputs.append(y)
        return torch.cat(outputs, dim=1)

    def pool(self, over_time: Tensor, segments: int) -> Tensor:
        """Maxima and means over each of some equal segments of time.

        Args:
            over_time: (N, 753, frames).
            segments: How many; each should last about `PATCH_FRAMES`.

        Returns:
            (N, segments, 1506): maximum and mean of channel 0, of channel 1, ...
        """
        parts = over_time.tensor_split(segments, dim=2)
        pooled = [torch.stack([part.amax(dim=2), part.mean(dim=2)], dim=2) for part in parts]
        return torch.stack(pooled, dim=1).flatten(2)

    def embedding(self, pooled: Tensor) -> Tensor:
        """(..., 1506) to the embedding (..., 200), before its rectifier."""
        return self.to_embedding(self.pooled_norm(pooled))

    def tags(self, embedding: Tensor) -> Tensor:
        """The embedding (..., 200) to the logits (..., 50) of `TAGS`."""
        return self.to_tags(self.embedding_norm(functional.relu(embedding)))

    def forward(self, spectrograms: Tensor) -> Tensor:
        """(N, frames, 96), see :meth:`over_time`, to the probability (N, 50) of each of `TAGS`.

        The probabilities of segments of about 3 s are averaged.
        """
        segments = count_segments(spectrograms.shape[1])
        pooled = self.pool(self.over_time(spectrograms), segments)
        return torch.sigmoid(self.tags(self.embedding(pooled))).mean(dim=1)

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take this network's own weights, or published ones under short names: `c0.w`, `bn0.s`, ...

        Raises:
            CheckpointError: They belong to another network.
        """
        load_strictly(self, _renamed(state) if "c0.w" in state else state)


def _strongest(spectrograms: Tensor, weight: Tensor) -> Tensor:
    """The maximum over all mel bands of what filters answer at each frame.

    A processor multiplies matrices of half the length twice as fast, but gains nothing on convolutions of one
    channel: under autocast there, filters of several bands are a matrix that patches are multiplied with.

    Args:
        spectrograms: (N, frames, 96).
        weight: (filters, 1, frames of a filter, bands of a filter).

    Returns:
        (N, filters, frames).
    """
    filters, _, length, bands = weight.shape
    before = (length - 1) // 2
    padded = functional.pad(spectrograms, (0, 0, before, length - 1 - before))
    if bands == 1 or spectrograms.device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
        # In the format channels_last, which a model may have, the maximum would take 50 times as long.
        kernels = weight.flatten(1).view(weight.shape)
        with torch.autocast(spectrograms.device.type, enabled=False):
            return functional.conv2d(padded[:, None], kernels).amax(dim=3)
    dtype = torch.get_autocast_dtype("cpu")
    patches = padded.to(dtype).unfold(1, length, 1).unfold(2, bands, 1)  # (N, frames, places, length, bands)
    matrix = weight.to(dtype).reshape(filters, length * bands)
    found = [
        functional.linear(part.flatten(3), matrix).amax(dim=2)  # (N, some frames, filters)
        for part in patches.split(_FRAMES_AT_ONCE, dim=1)
    ]
    return torch.cat(found, dim=1).float().transpose(1, 2)


def _renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    places = {"bn0": "norm", "bn9": "pooled_norm", "bn10": "embedding_norm"}
    places |= {"d0": "to_embedding", "d1": "to_tags"}
    places |= {f"c{i}": f"front.{i}" for i in range(5)} | {f"c{i + 5}": f"middle.{i}" for i in range(3)}
    places |= {f"bn{i + 1}": f"front_norm.{i}" for i in range(5)}
    places |= {f"bn{i + 6}": f"middle_norm.{i}" for i in range(3)}
    suffix = {"w": "weight", "b": "bias", "s": "scale", "t": "shift"}
    renamed = {}
    for key, value in state.items():
        place, _, kind = key.partition(".")
        renamed[f"{places.get(place, place)}.{suffix.get(kind, kind)}"] = value.float()
    return renamed


class ScaleShift(nn.Module):
    """A batch norm at rest: a scale and a shift for each channel.

    Args:
        channels: Number of them.
        axes: Axes of the input from the channels' on; further ones are broadcast.
    """

    def __init__(self, channels: int, axes: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.axes = axes

    def forward(self, x: Tensor) -> Tensor:
        """The same shape, scaled and shifted."""
        shape = (-1, *[1] * (self.axes - 1))
        return x * self.scale.view(shape) + self.shift.view(shape)


def count_segments(frames: int) -> int:
    """Into how many segments of about `PATCH_FRAMES` a spectrogram is cut, at least one.

    Example:
        >>> [count_segments(frames) for frames in (50, 188, 626)]
        [1, 1, 3]
    """
    return max(1, round(frames / PATCH_FRAMES))
