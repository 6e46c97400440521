"""The painter: motifs, palettes and marks of a brush. It needs no download."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from va_space.errors import ConfigError
from va_space.generation.artwork.artwork import Painting
from va_space.generation.artwork.choice import Ranked, rank
from va_space.generation.artwork.direction import Direction, direction_of
from va_space.generation.artwork.engines import ENGINES, Progress, Request
from va_space.generation.artwork.motifs import MOTIFS
from va_space.generation.artwork.raster import render
from va_space.generation.artwork.scene import Scene
from va_space.generation.artwork.sketch import CELLS, FEW_CELLS, Grid
from va_space.generation.artwork.strokes import paint_layers
from va_space.generation.provenance import versions
from va_space.generation.tags.description import Section, TrackDescription
from va_space.space import VASpace

# Shorter side of what the model sees of a plan.
_SMALL = 224
_GRAIN = 0.35


@dataclass(frozen=True, eq=False)
class Plan:
    """A picture that may be painted.

    Attributes:
        number: Among all plans of the request.
        motif: What it shows.
        direction: What the music asks for.
        scene: The marks.
    """

    number: int
    motif: str
    direction: Direction
    scene: Scene


@ENGINES.register("painter")
def paint(
    space: VASpace | None,
    description: TrackDescription,
    request: Request,
    progress: Progress | None = None,
) -> Sequence[Painting]:
    """Pictures of what is heard; the model chooses the plans that feel most like the music.

    Raises:
        ConfigError: There is no such motif or section, or there is a prompt, which it would not read.
    """
    if request.prompt or request.negative:
        raise ConfigError(
            "the painter reads no prompts: it goes by what it hears; --engine diffusion reads them"
        )
    section = find_section(description, request.section)
    numbers = range(request.takes * (request.candidates if space else 1))
    drafts = []
    for number in numbers if space else ():
        drafts.append(plan(description, request, number, section, FEW_CELLS))
        if progress:
            progress("Planning", number + 1, len(numbers))
    feeling = section.feeling if section else description.feeling
    small = [_small(each.scene) for each in drafts] if space else None
    ranked = rank(space, small, feeling, [each.motif for each in drafts] or numbers, request.takes)
    return [
        _painting(
            description, request, plan(description, request, each.number, section), each, space, section
        )
        for each in ranked
    ]


def find_section(description: TrackDescription, label: str | None) -> Section | None:
    """The section that a request names.

    Raises:
        ConfigError: The recording has none of that label; the message names those it has.
    """
    if label is None:
        return None
    found = description.section(label)
    if found is None:
        there = ", ".join(dict.fromkeys(section.label for section in description.sections))
        raise ConfigError(f"{description.path}: there is no section {label!r}; there are {there}")
    return found


def plan(
    description: TrackDescription,
    request: Request,
    number: int,
    section: Section | None,
    cells: int = CELLS,
) -> Plan:
    """One picture that may be painted: a motif that suits, and its marks."""
    # Numbers beyond the seeds of users: plan 1 of seed 0 is not plan 0 of seed 1.
    direction = direction_of(description, request.seed + (number << 40), section)
    motif = request.motif or _suitable(description, request, number, section)
    width, height = request.size or (1, 1)
    grid = Grid.of(width / min(width, height), height / min(width, height), cells)
    sketch = MOTIFS[motif]().sketch(direction, grid, direction.rng(2))
    ground = np.median(sketch.colour.reshape(-1, 3), axis=0).astype(np.float32)
    marks = paint_layers(sketch, grid, direction.rng(3))
    scene = Scene(
        grid.width, grid.height, ground, marks, sketch.handling.relief, _GRAIN, direction.seed % 2**32
    )
    return Plan(number, motif, direction, scene)


def _suitable(description: TrackDescription, request: Request, number: int, section: Section | None) -> str:
    """A motif that suits: the plans of one take show two different ones in turn.

    The track draws them, not the user's seed: else covers of one track would differ more in what is felt
    than covers of different tracks (docs/paint.md).
    """
    take, turn = divmod(number, request.candidates)
    direction = direction_of(description, take << 40, section)
    names = MOTIFS.names()
    weights = np.array([MOTIFS[name]().suits(direction) for name in names]) ** 1.5
    pair = direction.rng(1).choice(names, 2, replace=False, p=weights / weights.sum())
    return str(pair[turn % 2])


def _small(scene: Scene) -> Image.Image:
    return render(scene, (round(_SMALL * scene.width), round(_SMALL * scene.height)))


def _painting(
    description: TrackDescription,
    request: Request,
    chosen: Plan,
    ranked: Ranked,
    space: VASpace | None,
    section: Section | None,
) -> Painting:
    direction = chosen.direction
    heard = {
        "recording": Path(description.path).name,
        "section": section.label if section else None,
        "feeling percentile": [round(direction.valence, 4), round(direction.arousal, 4)],
        "tempo": direction.tempo,
        "key": description.key if description.key_is_clear else None,
        "tags": list(direction.tags),
    }
    facts = {
        "engine": "painter",
        "motif": chosen.motif,
        "palette": direction.palette.name,
        "marks": len(chosen.scene.marks),
        "heard": heard,
        "seed": request.seed,
        "plan": chosen.number,
        "plans": request.takes * (request.candidates if space else 1),
        "picture percentile": ranked.feeling,
        "model": space.fingerprint if space else None,
        "versions": versions("pillow", "torch"),
    }
    title = f"{chosen.motif} in {direction.palette.name}"
    return Painting(title, facts, chosen.scene)
