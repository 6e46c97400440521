"""Prompts in the words of a local instruct model, which gets the parts that the template made."""

from dataclasses import replace
from pathlib import Path

from va_space.errors import ConfigError
from va_space.generation.prompts.template import Prompt

_ORDER = (
    "Describe one picture for the cover of this music in one English sentence of at most forty words: what "
    "is seen, light, colours, mood, medium. No names, no text. Answer with the sentence alone."
)
_LONGEST = 400
_TOKENS = 90


def rewrite(
    prompt: Prompt,
    model: str | Path | None = None,
    *,
    seed: int = 0,
    device: str | None = None,
    download: bool = False,
) -> Prompt:
    """A prompt that a language model wrote from the parts of another; the negative prompt stays.

    Args:
        prompt: By the template.
        model: A folder, or a name of the table of models; None for its default.
        seed: Of the choice of words.
        device: Where to compute.
        download: Whether the model may be fetched.

    Raises:
        MissingExtraError: The extra ``neural`` is not installed.
        CheckpointError: The model is not on this machine; the message says how to get it.
        ConfigError: The model answered nothing.
    """
    from va_space.generation.neural.language import generate_text
    from va_space.generation.neural.models import load_model

    loaded = load_model(model, "language", device=device, download=download)
    facts = "\n".join(f"{name}: {text}" for name, text in prompt.parts.items() if text)
    messages = [
        {"role": "system", "content": _ORDER},
        {"role": "user", "content": facts},
    ]
    answer = _one_line(generate_text(loaded, messages, seed=seed, max_tokens=_TOKENS))
    if not answer:
        raise ConfigError(f"{loaded.name} answered nothing; leave --language out for the template's prompt")
    return replace(prompt, prompt=answer)


def _one_line(answer: str) -> str:
    """The first paragraph without quotation marks, cut at a word."""
    lines = [line.strip().strip("\"'“”").strip() for line in answer.splitlines()]
    text = next((line for line in lines if line), "")
    if len(text) <= _LONGEST:
        return text
    return text[:_LONGEST].rsplit(" ", 1)[0]
