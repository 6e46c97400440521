"""What the restyling benchmark has found so far, so that it can go on after an interruption."""

import hashlib
import shutil
from pathlib import Path

from torch import Tensor

from va_space.atomic import replacing

FOLDER = "restyle.partial"


class Store:
    """Tensors by name, in files.

    Args:
        output: Folder of the results; None keeps nothing.
        about: What all of them depend on.
    """

    def __init__(self, output: Path | None, about: str) -> None:
        self.folder = None if output is None else output / FOLDER
        self.about = about

    def get(self, name: str) -> Tensor | None:
        """A tensor that was put, or None."""
        from safetensors.torch import load_file

        path = self._path(name)
        return load_file(path)["value"] if path is not None and path.exists() else None

    def put(self, name: str, value: Tensor) -> None:
        """Keep a tensor."""
        from safetensors.torch import save_file

        if (path := self._path(name)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as beside:
                save_file({"value": value.contiguous()}, beside)

    def finished(self) -> None:
        """Nothing of it is needed any more."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, name: str) -> Path | None:
        if self.folder is None:
            return None
        key = hashlib.sha256(f"{self.about} {name}".encode()).hexdigest()[:24]
        return self.folder / f"{key}.safetensors"
