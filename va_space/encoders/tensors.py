"""Files of tensors that say what they are."""

from pathlib import Path

from torch import Tensor

from va_space.errors import CheckpointError


def read_tensors(path: Path, form: str, wrong: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a safetensors file by name, and its metadata.

    Args:
        path: The file.
        form: What its metadata must have as "format".
        wrong: What is said of a file that has another.

    Raises:
        CheckpointError: It is damaged, or something else.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: damaged, or not safetensors ({error})") from error
    if metadata.get("format") != form:
        raise CheckpointError(f"{path}: {wrong}")
    return state, metadata
