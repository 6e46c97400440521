"""A scene as vectors: one path for each mark, and fine lines for its bristles."""

import numpy as np

from va_space.generation.artwork.brushes import BRUSHES, VARIANTS
from va_space.generation.artwork.colour import to_bytes, to_hex
from va_space.generation.artwork.scene import Scene

# Units a side: coordinates are whole tenths of a thousandth of the short side.
_UNITS = 1000.0
# Marks narrower than this show no bristles.
_BRISTLED = 0.012
_BRISTLES = (-0.5, 0.05, 0.55)


def svg_body(scene: Scene) -> str:
    """The marks as SVG elements, in a coordinate system whose short side is 1000."""
    marks = scene.marks
    cos, sin = np.cos(marks["angle"]), np.sin(marks["angle"])
    half_x, half_y = cos * marks["length"] / 2 * _UNITS, sin * marks["length"] / 2 * _UNITS
    side_x, side_y = -sin * marks["width"] / 2 * _UNITS, cos * marks["width"] / 2 * _UNITS
    x, y = marks["x"] * _UNITS, marks["y"] * _UNITS
    colours, streaks = to_bytes(marks["colour"]), to_bytes(marks["streak"])
    squareness = np.array([brush.squareness for brush in BRUSHES])[marks["brush"] // VARIANTS]
    blunt = np.where(squareness > 4, 0.75, 0.25)
    width, height = scene.width * _UNITS, scene.height * _UNITS
    lines = [f'<rect width="{width:g}" height="{height:g}" fill="{to_hex(scene.ground)}"/>']

    def at(i: int, along: float, across: float) -> str:
        """A place in a mark: along it in half lengths, across it in half widths, bent as the mark is."""
        shifted = across + marks["bend"][i] * (0.5 - along * along)
        px = x[i] + along * half_x[i] + shifted * side_x[i]
        py = y[i] + along * half_y[i] + shifted * side_y[i]
        return f"{px:.1f} {py:.1f}"

    def control(i: int, across: float) -> str:
        # The middle of the quadratic curve whose ends are at -1 and 1 and which follows the bend.
        px = x[i] + (across + 1.5 * marks["bend"][i]) * side_x[i]
        py = y[i] + (across + 1.5 * marks["bend"][i]) * side_y[i]
        return f"{px:.1f} {py:.1f}"

    for i in range(len(marks)):
        end = float(blunt[i])
        path = (
            f"M{at(i, -1, -end)}Q{control(i, -1.4 + 0.4 * end)} {at(i, 1, -end)}"
            f"L{at(i, 1, end)}Q{control(i, 1.4 - 0.4 * end)} {at(i, -1, end)}Z"
        )
        opacity = "" if marks["opacity"][i] > 0.99 else f' opacity="{marks["opacity"][i]:.2f}"'
        lines.append(f'<path d="{path}" fill="{_code(colours[i])}"{opacity}/>')
        if marks["width"][i] > _BRISTLED:
            bristles = "".join(f"M{at(i, -0.85, b)}Q{control(i, b)} {at(i, 0.8, b)}" for b in _BRISTLES)
            stroke = 0.05 * marks["width"][i] * _UNITS
            lines.append(
                f'<path d="{bristles}" fill="none" stroke="{_code(streaks[i])}" '
                f'stroke-width="{stroke:.1f}" stroke-linecap="round" opacity="0.55"/>'
            )
    return "\n".join(lines)


def _code(colour: np.ndarray) -> str:
    return f"#{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}"
