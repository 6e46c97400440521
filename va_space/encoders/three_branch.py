"""A music backbone that makes its own spectrograms: MusiCNN and YAMNet, beside a ResNet18 on semitones.

MusiCNN learnt tags of songs from the Million Song Dataset, YAMNet names of sounds from AudioSet: both have
heard recordings. The harmony branch learns from scores.
"""

from collections.abc import Callable
from dataclasses import asdict, replace

import torch
from torch import Tensor, nn

from va_space.errors import ConfigError
from va_space.media.mel import LogMel, relative_log
from va_space.media.settings import AudioSettings
from va_space.media.yamnet_mel import YAMNetMel
from va_space.networks import musicnn
from va_space.networks.backbone import Backbone
from va_space.networks.backbones import BACKBONES
from va_space.networks.backbones.two_branch import Harmony, TwoBranch
from va_space.networks.musicnn import MusiCNN, count_segments
from va_space.networks.weights import load_strictly
from va_space.networks.yamnet import YAMNet

# Root mean square of recordings as they are published, -14 dB: what the taggers learnt from.
_PUBLISHED_LEVEL = 0.2
_SILENCE = 1e-8


# How MusiCNN's mel bands and the semitones are made.
SETTINGS = AudioSettings(
    sample_rate=musicnn.SAMPLE_RATE,
    n_fft=musicnn.N_FFT,
    hop_length=musicnn.HOP,
    n_mels=musicnn.N_MELS,
    mel_scale="slaney",
    semitones=True,
    waveform=True,
    mean=0.0,
    std=1.0,
)


@BACKBONES.register("three-branch")
class ThreeBranch(Backbone):
    """Sound to the features of three networks.

    Each window is first brought to the same level, so that features do not depend on how loud a recording is.
    MusiCNN's and YAMNet's are means over patches of 3 s and 1 s: those of a window of 10 s are nearly the
    mean of those of its windows of 3 s, so that both fit into one space.

    Args:
        variant: Nothing: there is one.
        channels: 1: the sound.

    Attributes:
        features: Length of the features: MusiCNN's 753 means and 200 numbers of its embedding, 1,024 means of
            YAMNet, 512 of the harmony branch.
        embedding: Where MusiCNN's embedding is in the features.
    """

    features = MusiCNN.channels + MusiCNN.embedding_size + YAMNet.features + Harmony.features
    embedding = slice(MusiCNN.channels, MusiCNN.channels + MusiCNN.embedding_size)

    def __init__(self, variant: str = "", channels: int = 1) -> None:
        super().__init__()
        if variant or channels != 1:
            raise ConfigError("three-branch takes sound itself, and has no variants")
        self.musicnn = MusiCNN()
        self.yamnet = YAMNet()
        self.harmony = Harmony()
        self.log_mel = LogMel(SETTINGS)
        self.patches = YAMNetMel()

    def forward(self, inputs: Tensor) -> Tensor:
        """Mono sound at 16 kHz, (N, 1, 1, samples), at least 0.975 s, to features (N, features)."""
        samples = _levelled(inputs[:, 0, 0])
        pooled = self._pooled(samples)  # (N, segments, 1506): maximum, mean, maximum, ...
        embedding = self.musicnn.embedding(pooled)  # (N, segments, 200)
        semitones = relative_log(self.log_mel.semitones(samples, TwoBranch.FRAMES_APART), SETTINGS.floor)
        parts = [
            pooled[..., 1::2].mean(dim=1),
            embedding.mean(dim=1),
            self._over_patches(samples, self.yamnet.middle),
            self.harmony(semitones),
        ]
        return torch.cat([part.float() for part in parts], dim=1)

    def tags(self, samples: Tensor) -> Tensor:
        """Mono sound (N, samples) to the probability (N, 50) of each of MusiCNN's tags."""
        embedding = self.musicnn.embedding(self._pooled(_levelled(samples)))
        return torch.sigmoid(self.musicnn.tags(embedding)).mean(dim=1)

    def classes(self, samples: Tensor) -> Tensor:
        """Mono sound (N, samples) to the probability (N, 521) of each class that YAMNet names."""
        return self._over_patches(_levelled(samples), lambda patches: torch.sigmoid(self.yamnet(patches)))

    def load_weights(self, state: dict[str, Tensor]) -> None:
        """Take the weights of all branches, of MusiCNN or YAMNet alone, or of a two-branch encoder's harmony.

        Raises:
            CheckpointError: They belong to another network.
        """
        if "c0.w" in state:
            self.musicnn.load_weights(state)
        elif "layer1.w" in state:
            self.yamnet.load_weights(state)
        elif any(key.startswith("tagger.") for key in state):
            mine = {key.removeprefix("harmony."): v for key, v in state.items() if key.startswith("harmony.")}
            load_strictly(self.harmony, mine)
        else:
            load_strictly(self, state)

    def _pooled(self, samples: Tensor) -> Tensor:
        mel = self.log_mel.mel(samples)[:, 0].transpose(1, 2)  # (N, frames, 96)
        with torch.autocast(samples.device.type, enabled=False):
            spectrograms = torch.log10(10_000 * mel + 1)
        # The maps of one window take 60 MB: one by one they stay in a processor's cache, at twice the speed.
        one_by_one = samples.device.type == "cpu" and not torch.compiler.is_compiling()
        parts = spectrograms.split(1) if one_by_one else [spectrograms]
        segments = count_segments(mel.shape[1])
        over_time = (self.musicnn.over_time(part) for part in parts)
        return torch.cat([self.musicnn.pool(each.float(), segments) for each in over_time])

    def _over_patches(self, samples: Tensor, network: Callable[[Tensor], Tensor]) -> Tensor:
        patches = self.patches(samples)  # (N, patches, 96, 64)
        return network(patches.flatten(0, 1)).unflatten(0, patches.shape[:2]).float().mean(dim=1)


def check_settings(backbone: nn.Module, settings: AudioSettings) -> None:
    """Refuse a backbone and settings of the sound that do not belong together.

    Raises:
        ConfigError: They do not.
    """
    if not isinstance(backbone, ThreeBranch):
        raise ConfigError("the music backbone takes spectrograms: audio.waveform must be false")
    wanted = replace(SETTINGS, window_seconds=settings.window_seconds)
    for key, value in asdict(wanted).items():
        if getattr(settings, key) != value:
            raise ConfigError(f"the music backbone three-branch needs audio.{key} = {value!r}")


def _levelled(samples: Tensor) -> Tensor:
    """(N, T) at the level of published recordings; silence stays silence."""
    level = samples.float().square().mean(dim=1, keepdim=True).sqrt()
    return samples * (_PUBLISHED_LEVEL / level.clamp_min(_SILENCE))
