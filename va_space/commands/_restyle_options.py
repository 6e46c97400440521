"""What ``va-space restyle`` was asked for, and what pictures and videos check and open alike."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from va_space.commands._common import about, open_space, progress_bar, remark

if TYPE_CHECKING:
    from va_space.emotion.reference import Kind
    from va_space.media.editable import EditablePicture
    from va_space.space import VASpace
    from va_space.transfer.generator import Generator, GeneratorFactory


@dataclass(frozen=True)
class RestyleOptions:
    """The arguments and options of the verb, under their names there."""

    picture: Path
    output: Path
    music: Sequence[str]
    generator: str
    strength: float
    absolute: bool
    kind: "Kind | None"
    at: float | None
    steps: int | None
    latent_space: Literal["w", "w+"]
    inversion_steps: int
    seed: int
    cube: bool
    grade_json: bool
    apply: Path | None
    preview: bool
    keep_sound: bool
    sheet: Path | None
    long_side: int | None
    fps: float | None
    pulse: float
    profile: str | None
    as_json: bool
    model: str | None
    device: str | None
    precision: str

    def open_space(self) -> "VASpace":
        """The model."""
        return open_space(self.model, self.device, self.precision)

    def open_generator(self) -> "GeneratorFactory":
        """What --generator names; before anything else is read."""
        from va_space.transfer.generator import open_generator

        with about("--generator"):
            return open_generator(self.generator)

    def make_generator(
        self, make: "GeneratorFactory", space: "VASpace", picture: "EditablePicture"
    ) -> "Generator":
        """The generator for a picture, with a remark on how near it comes."""
        from va_space.transfer.generator import InversionOptions

        found = InversionOptions(self.latent_space, self.inversion_steps, self.seed)
        with progress_bar("Finding the picture in the network") as progress:
            generator = make(space, picture.seen(), options=found, progress=progress)
        if note := generator.remark():
            remark(note)
        return generator

    def check_writable(self, outputs: Sequence[Path]) -> None:
        """Find out before the work, not after it, what cannot be written or would replace the picture."""
        for output in (*outputs, self.sheet) if self.sheet else outputs:
            output.parent.mkdir(parents=True, exist_ok=True)
            if output.is_dir() or not os.access(output.parent, os.W_OK):
                raise PermissionError(f"{output}: cannot be written")
            if output.exists() and self.picture.exists() and output.samefile(self.picture):
                raise typer.BadParameter("would replace the picture itself", param_hint="--output")
