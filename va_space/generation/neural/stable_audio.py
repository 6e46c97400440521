"""Music by Stable Audio Open (Evans et al. 2024), as diffusers has it."""

from typing import ClassVar

import numpy as np
import torch

from va_space.generation.neural.players import Played, Player, Samples, joined
from va_space.generation.neural.seeds import seed_of, seeded
from va_space.generation.neural.table import Kind

STEPS = 100
_GUIDANCE = 7.0
_OVERLAP = 4.0  # seconds of crossfade


class StableAudio(Player):
    """Plays with Stable Audio.

    It cannot go on from a sound. More than it plays at once (47 s) is played in pieces of the same text that
    are crossfaded. See :class:`~va_space.generation.neural.players.Player`.
    """

    kind: ClassVar[Kind] = "diffusion music"
    steps = STEPS

    @property
    def sample_rate(self) -> int:
        """Of its autoencoder, 44,100 for the published model."""
        return int(self.model.network.vae.config.sampling_rate)

    def _play(self, text: str, seconds: float, seed: int, negative: str, progress: Played) -> Samples:
        pipeline = self.model.network
        latents, hop = int(pipeline.transformer.config.sample_size), int(pipeline.vae.hop_length)
        longest = latents * hop / self.sample_rate
        overlap = min(_OVERLAP, longest / 4)
        sound = self._generate(text, min(seconds, longest), negative, (seed, 0))
        part = 0
        while (missing := seconds - sound.shape[1] / self.sample_rate) > 0:
            progress(seconds - missing)
            part += 1
            piece = self._generate(text, min(missing + 2 * overlap, longest), negative, (seed, part))
            sound = joined(sound, piece, round(overlap * self.sample_rate))
        progress(seconds)
        return sound

    def _generate(self, text: str, seconds: float, negative: str, seeds: tuple[int, ...]) -> Samples:
        """(channels, n) samples."""
        with seeded(self.model.device, *seeds):
            made = self.model.network(
                text,
                audio_end_in_s=seconds,
                num_inference_steps=self.steps,
                guidance_scale=_GUIDANCE,
                negative_prompt=negative or None,
                generator=torch.Generator(self.model.device).manual_seed(seed_of(*seeds)),
            ).audios[0]
        return np.asarray(made.float().cpu().numpy(), np.float32)
