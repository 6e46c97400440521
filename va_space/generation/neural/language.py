"""Texts by an instruct language model, through the chat template that it brings."""

from collections.abc import Mapping, Sequence
from typing import Any

from va_space.errors import ConfigError
from va_space.generation.neural.models import LoadedModel
from va_space.generation.neural.seeds import seeded

Message = Mapping[str, str]
"""A turn of a chat: its "role" ("system", "user" or "assistant") and its "content"."""


def generate_text(
    model: LoadedModel,
    messages: Sequence[Message],
    *,
    seed: int = 0,
    max_tokens: int = 160,
    temperature: float = 0.7,
) -> str:
    """What a language model answers.

    The same model, messages and seed give the same text on the same device.

    Args:
        model: One of the kind "language".
        messages: The chat so far, the last turn a user's.
        seed: Of the choice among likely words.
        max_tokens: The answer is cut there.
        temperature: How bold the choice is; 0 always takes the likeliest word.

    Returns:
        The answer, without marks of its format; it may be empty.

    Raises:
        ConfigError: The chat is too long for the model.
    """
    tokenizer = model.processor
    inputs = tokenizer(as_chat(tokenizer, messages), add_special_tokens=False, return_tensors="pt")
    ids, mask = inputs["input_ids"].to(model.device), inputs["attention_mask"].to(model.device)  # (1, tokens)
    longest = getattr(model.network.config, "max_position_embeddings", None)
    if longest and ids.shape[1] + max_tokens > longest:
        raise ConfigError(f"{model.name} reads {longest} tokens; the chat has {ids.shape[1]}: shorten it")
    sampling: dict[str, Any] = {"do_sample": temperature > 0}
    if temperature > 0:
        sampling |= {"temperature": temperature, "top_p": 0.9}
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    with seeded(model.device, seed):
        answer = model.network.generate(
            ids, attention_mask=mask, max_new_tokens=max_tokens, pad_token_id=pad, **sampling
        )
    return str(tokenizer.decode(answer[0, ids.shape[1] :], skip_special_tokens=True)).strip()


def as_chat(tokenizer: Any, messages: Sequence[Message]) -> str:
    """Messages as a model reads them: by its chat template, or plainly if it has none.

    A template that knows no system role gets the system's words at the beginning of the user's.
    """
    if not getattr(tokenizer, "chat_template", None):
        turns = [f"{message['role'].capitalize()}: {message['content']}" for message in messages]
        return "\n".join([*turns, "Assistant:"])
    options = {"tokenize": False, "add_generation_prompt": True}
    try:
        return str(tokenizer.apply_chat_template(list(messages), **options))
    except Exception:  # whatever a template raises at a role that it does not know
        return str(tokenizer.apply_chat_template(_without_system(messages), **options))


def _without_system(messages: Sequence[Message]) -> list[Message]:
    said = "\n".join(message["content"] for message in messages if message["role"] == "system")
    others = [dict(message) for message in messages if message["role"] != "system"]
    if said and others:
        others[0]["content"] = f"{said}\n\n{others[0]['content']}"
    return list(others)
