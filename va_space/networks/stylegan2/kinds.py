"""What kind of file a network is in, by its first bytes."""

import os
from pathlib import Path
from typing import Literal

from va_space.errors import CheckpointError
from va_space.text import shown

Kind = Literal["safetensors", "pickle"]

_TAKE = "va-space reads networks as NVlabs saved them (.pkl), and .safetensors made from those"
_OTHERS = {
    b"PK\x03\x04": f"a zip archive as torch.save writes it, not a pickle of networks: {_TAKE}",
    b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.": f"written by torch.save in its old format: {_TAKE}",
    b"version https://git-lfs": "a placeholder of Git LFS; fetch the network itself with git lfs pull",
    b"\x89HDF\r\n\x1a\n": f"an HDF5 file, not a pickle of networks: {_TAKE}",
    b"<!DOCTYPE": "a web page, not a network: the download went wrong",
    b"<!doctype": "a web page, not a network: the download went wrong",
    b"<html": "a web page, not a network: the download went wrong",
}


def kind_of(path: Path) -> Kind:
    """The kind of a file; what is neither safetensors nor of a known other kind is taken for a pickle.

    Raises:
        CheckpointError: It is missing, not readable, or of a known other kind, which the message names.
    """
    if not path.exists():
        raise CheckpointError(f"{path}: no such file")
    if not path.is_file():
        raise CheckpointError(f"{path}: not a regular file")
    try:
        with path.open("rb") as file:
            head, size = file.read(64), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror or shown(error)})") from error
    for start, what in _OTHERS.items():
        if head.startswith(start):
            raise CheckpointError(f"{path}: {what}")
    # A length of the header, and the header, which is JSON.
    safe = head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= size - 8
    return "safetensors" if safe or path.suffix == ".safetensors" else "pickle"
