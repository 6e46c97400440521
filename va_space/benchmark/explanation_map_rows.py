"""What the task ``explanation`` measures of pictures."""

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from va_space.benchmark import metrics
from va_space.benchmark.context import Context
from va_space.benchmark.explanation_pictures import (
    CELLS,
    EDGES,
    METHODS,
    OTHER,
    RANDOM,
    Areas,
    areas,
    cells_of,
    edge_cells,
    found,
    maps_of,
    plant,
    rank,
)
from va_space.benchmark.explanation_rows import AT_RANDOM, axis_aims, found_rows, interval
from va_space.benchmark.metrics import Floats
from va_space.benchmark.result import TableRow
from va_space.datasets.records import Point, Record
from va_space.errors import MediaError
from va_space.explanation.aims import AXES
from va_space.explanation.maps import REGION, Region, picture_maps
from va_space.media.pictures import read_square


def map_rows(
    context: Context, records: Sequence[Record], random: np.random.Generator, failures: list[str]
) -> list[TableRow]:
    """Areas under the curves of deletion and insertion by several maps, and how alike maps are."""
    space, aims = context.space, axis_aims(context, "picture")
    kept: dict[tuple[str, int], list[Areas]] = {}
    alike: dict[str, list[float]] = {}
    for record in records:
        try:
            picture = read_square(record.path, space.config.picture.size)
        except MediaError as error:
            failures.append(str(error))
            continue
        maps = maps_of(space, picture, aims)
        cells = {method: [cells_of(each.values) for each in both] for method, both in maps.items()}
        found = areas(space, picture, _orders(cells, picture, random))
        for axis, target in enumerate(AXES):
            for name in (RANDOM, EDGES):
                kept.setdefault((name, axis), []).append(found[name][axis])
            for method in METHODS:
                kept.setdefault((method, axis), []).append(found[f"{method} {target}"][axis])
        other = picture_maps(space, picture, aims, "occlusion", OTHER)
        for name, pair in _pairs(cells, [cells_of(each.values) for each in other]).items():
            alike.setdefault(name, []).append(metrics.pearson(*(each.ravel() for each in pair)))
    return [*_area_rows(kept, context.seed), *_alike_rows(alike, context.seed)]


def _orders(
    cells: Mapping[str, list[Floats]], picture: Tensor, random: np.random.Generator
) -> dict[str, Floats]:
    """In which orders cells of a picture (3, side, side) go and come."""
    own = {
        f"{method} {target}": both[axis] for method, both in cells.items() for axis, target in enumerate(AXES)
    }
    return {**own, RANDOM: random.random((CELLS, CELLS)), EDGES: edge_cells(picture)}


def _pairs(cells: Mapping[str, list[Floats]], other: list[Floats]) -> dict[str, tuple[Floats, Floats]]:
    occlusion, gradients = (cells[method] for method in METHODS)
    pairs = {"valence and arousal, occlusion": (occlusion[0], occlusion[1])}
    pairs["valence and arousal, integrated gradients"] = (gradients[0], gradients[1])
    for axis, name in enumerate(AXES):
        pairs[f"{name}, other windows"] = (occlusion[axis], other[axis])
        pairs[f"{name}, both methods"] = (occlusion[axis], gradients[axis])
    return pairs


def _area_rows(kept: Mapping[tuple[str, int], list[Areas]], seed: int) -> list[TableRow]:
    rows = []
    for axis, target in enumerate(AXES):
        gaps = {
            name: np.array([area.insertion - area.deletion for area in kept[name, axis]])
            for name in (*METHODS, EDGES, RANDOM)
        }
        for name, gap in gaps.items():
            over_random, over_edges = gap - gaps[RANDOM], gap - gaps[EDGES]
            rows.append(
                {
                    "target": target,
                    "map": name,
                    "n": len(gap),
                    "deletion": float(np.mean([area.deletion for area in kept[name, axis]])),
                    "insertion": float(np.mean([area.insertion for area in kept[name, axis]])),
                    "gap": float(gap.mean()),
                    "over random": float(over_random.mean()),
                    "over random interval": interval(over_random.tolist(), seed),
                    "over edges": float(over_edges.mean()),
                    "over edges interval": interval(over_edges.tolist(), seed),
                }
            )
    return rows


def _alike_rows(alike: Mapping[str, list[float]], seed: int) -> list[TableRow]:
    return [
        {
            "maps": name,
            "n": len(values),
            "r": float(np.nanmean(values)),
            "r interval": interval([value for value in values if np.isfinite(value)], seed),
        }
        for name, values in alike.items()
    ]


def patch_rows(
    context: Context, count: int, random: np.random.Generator, failures: list[str]
) -> list[TableRow]:
    """How often a patch of opposite feeling is found, in `count` pictures."""
    space, aims = context.space, axis_aims(context, "picture")
    hits: dict[tuple[str, int], list[float]] = {}
    ranks: dict[tuple[str, int], list[float]] = {}
    for axis, host, donor, sign in _opposites(context.pictures["test"], count, random):
        try:
            planted = plant(host.path, donor.path, space.config.picture.size, REGION, random)
        except MediaError as error:
            failures.append(str(error))
            continue
        for method, (made,) in maps_of(space, planted.picture, [aims[axis]]).items():
            middle = _middle(made.raises if sign > 0 else made.lowers)
            hits.setdefault((method, axis), []).append(found(planted, middle))
            ranks.setdefault((method, axis), []).append(rank(planted, sign * made.values))
        down, across = np.unravel_index(int(edge_cells(planted.picture).argmax()), (CELLS, CELLS))
        place = (float(across + 0.5) / CELLS, float(down + 0.5) / CELLS)
        hits.setdefault((EDGES, axis), []).append(found(planted, place))
        hits.setdefault((AT_RANDOM, axis), []).append(planted.chance)
    return [*found_rows("patch", hits, context.seed), *_rank_rows(ranks, context.seed)]


def _rank_rows(ranks: Mapping[tuple[str, int], list[float]], seed: int) -> list[TableRow]:
    return [
        {
            "patch among all places": AXES[axis],
            "by": name,
            "n": len(values),
            "rank": float(np.mean(values)),
            "rank interval": interval(values, seed),
            "chance": 0.5,
        }
        for (name, axis), values in sorted(ranks.items(), key=lambda item: item[0][1])
    ]


def _opposites(
    records: Sequence[Record], count: int, random: np.random.Generator
) -> list[tuple[int, Record, Record, int]]:
    """(axis, host, donor, direction of the donor), half of them along each axis, in both directions."""
    chosen = []
    for axis in range(len(AXES)):
        rated = sorted(records, key=lambda record: _rating(record, axis))
        half = max(1, count // 4)
        low, high = (_shuffled(part, random) for part in (rated[:half], rated[-half:]))
        for one, other in zip(low, high, strict=True):
            chosen += [(axis, one, other, 1), (axis, other, one, -1)]
    return chosen


def _rating(record: Record, axis: int) -> float:
    assert isinstance(record.label, Point)
    return (record.label.valence, record.label.arousal)[axis]


def _shuffled(records: Sequence[Record], random: np.random.Generator) -> list[Record]:
    return [records[row] for row in random.permutation(len(records))]


def _middle(region: Region) -> tuple[float, float]:
    return (region.left + region.right) / 2, (region.top + region.bottom) / 2
