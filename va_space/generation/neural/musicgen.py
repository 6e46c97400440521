"""Music by MusicGen (Copet et al. 2023), as transformers has it."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from va_space.generation.neural.players import Played, Player, Samples, joined
from va_space.generation.neural.seeds import seeded
from va_space.generation.neural.table import Kind

# It learnt pieces of 30 s: 1,503 tokens of 50 a second, and the delay of its four codebooks.
_LONGEST = 1503
_TAIL = 1.0  # seconds at the end of what it plays that are noise
_PROMPT = 5.0  # seconds that a continuation goes on from
_GUIDANCE, _TOP_K = 3.0, 250  # as its makers sample


class MusicGen(Player):
    """Plays with MusicGen.

    More than it plays at once (29 s) is played in pieces, each going on from the last five seconds of the
    one before. See :class:`~va_space.generation.neural.players.Player`.
    """

    kind: ClassVar[Kind] = "music"

    @property
    def sample_rate(self) -> int:
        """Of its codec, 32,000 for the published models."""
        return int(self.model.network.config.audio_encoder.sampling_rate)

    def _play(self, text: str, seconds: float, seed: int, negative: str, progress: Played) -> Samples:
        conditions = self._conditions(text, negative)
        rate = self._tokens_a_second
        wanted, tail = int(np.ceil(seconds * rate)), round(_TAIL * rate)
        at_once = self._longest - tail
        overlap = min(round(_PROMPT * rate), at_once // 2)
        sound: Samples | None = None
        played, part = 0, 0
        while played < wanted:
            before = 0 if sound is None else overlap
            tokens = min(at_once, wanted - played + before)
            prompt = None if sound is None else sound[:, sound.shape[1] - self._samples(overlap) :]
            report = self._counted(progress, played, before, tokens)
            piece = self._generate(conditions, tokens + tail, prompt, (seed, part), report)
            piece = piece[:, : self._samples(tokens)]
            sound = piece if sound is None else joined(sound, piece, self._samples(overlap))
            played, part = played + tokens - before, part + 1
        assert sound is not None
        return sound

    @property
    def _tokens_a_second(self) -> float:
        return self.sample_rate / int(self.model.network.config.audio_encoder.hop_length)

    @property
    def _longest(self) -> int:
        """Tokens of one piece at most."""
        decoder = self.model.network.config.decoder
        return min(_LONGEST, int(decoder.max_position_embeddings) - int(decoder.num_codebooks))

    def _samples(self, tokens: int) -> int:
        return tokens * int(self.model.network.config.audio_encoder.hop_length)

    def _counted(self, progress: Played, played: int, before: int, tokens: int) -> Callable[[int], None]:
        """Reports the tokens of a piece that are new and are kept."""

        def report(done: int) -> None:
            progress((played + max(0, min(done, tokens) - before)) / self._tokens_a_second)

        return report

    def _conditions(self, text: str, negative: str) -> dict[str, Any]:
        """What is asked for and what it is led away from, as the two halves of a batch.

        Without a negative text the second half is nothing at all, as in training.
        """
        texts = self.model.processor(text=[text, negative or text], padding=True, return_tensors="pt")
        mask = texts["attention_mask"].to(self.model.device)  # (2, tokens)
        with torch.inference_mode():
            encoder = self.model.network.text_encoder
            states = encoder(texts["input_ids"].to(self.model.device), attention_mask=mask).last_hidden_state
            if not negative:
                mask[1], states[1] = 0, 0
        return {"states": states, "mask": mask}

    def _generate(
        self,
        conditions: dict[str, Any],
        tokens: int,
        prompt: Samples | None,
        seeds: tuple[int, ...],
        report: Callable[[int], None],
    ) -> Samples:
        """(channels, n) samples of so many tokens, those of the prompt among them."""
        from transformers import StoppingCriteriaList
        from transformers.modeling_outputs import BaseModelOutput

        network, states = self.model.network, conditions["states"]
        given: dict[str, Any] = {} if prompt is None else self._prompt(prompt)
        delay = int(network.config.decoder.num_codebooks) // int(network.config.decoder.audio_channels)
        with seeded(self.model.device, *seeds):
            sound = network.generate(
                # Only their number counts: what they say is in the states.
                torch.zeros(states[:1].shape[:2], dtype=torch.long, device=self.model.device),
                encoder_outputs=BaseModelOutput(last_hidden_state=states),
                attention_mask=conditions["mask"],
                max_length=tokens + delay,
                do_sample=True,
                top_k=min(_TOP_K, int(network.config.decoder.vocab_size)),
                guidance_scale=_GUIDANCE,
                stopping_criteria=StoppingCriteriaList([_Listener(report)]),
                **given,
            )
        return np.asarray(sound[0].float().cpu().numpy(), np.float32)

    def _prompt(self, prompt: Samples) -> dict[str, Tensor]:
        channels = int(self.model.network.config.decoder.audio_channels)
        network_dtype = next(self.model.network.audio_encoder.parameters()).dtype
        values = torch.from_numpy(prompt[:channels])[None].to(self.model.device, network_dtype)
        return {"input_values": values, "padding_mask": torch.ones_like(values[:, :1], dtype=torch.bool)}


class _Listener:
    """Reports each token; stops nothing. As transformers asks its stopping criteria."""

    def __init__(self, report: Callable[[int], None]) -> None:
        self.report = report

    def __call__(self, tokens: Tensor, scores: Tensor, **_: object) -> Tensor:
        self.report(tokens.shape[1])
        return torch.zeros(len(tokens), dtype=torch.bool, device=tokens.device)
