"""A photographic grade as a latent: smooth, bounded, the identity at zero, and the same for every pixel.

Because a grade only maps colours to colours, it leaves all structure where it is, can be found on a small
copy of a picture, and can be written down as one lookup table for the full size (:mod:`.lut`).
"""

import math
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

_SMALL = 1e-12
TONE_DEGREE = 6
TABLE_DEGREE = 3

# Rec. 709 luma; the axes below keep it, so that warmth is not brightness.
LUMA = (0.2126, 0.7152, 0.0722)
# Blue to yellow and green to magenta, with zero luma.
WARM = (0.5, -0.0729, -0.75)
MAGENTA = (0.5, -0.1991, 0.5)


@dataclass(frozen=True)
class Control:
    """One control of the grade.

    Attributes:
        name: As in the settings.
        count: Numbers it has.
        bound: Largest absolute value of each; a latent w stands for bound * tanh(w).
        spread: Standard deviation of the latent over grades that one would call usual. It sets what a typical
            distance between grades is.
    """

    name: str
    count: int
    bound: float
    spread: float


CONTROLS = (
    Control("exposure", 1, 1.5, 0.4),  # stops
    Control("contrast", 1, 0.8, 0.4),  # of the largest S-curve that is still monotone
    Control("temperature", 1, 0.8, 0.4),  # stops along WARM
    Control("tint", 1, 0.5, 0.4),  # stops along MAGENTA
    Control("saturation", 1, 2.0, 0.4),  # log2 of its factor
    Control("vibrance", 1, 0.8, 0.4),  # of the largest
    Control("tone", TONE_DEGREE, 1.0, 0.4),  # logarithms of the rises between control points
    Control("shadows", 2, 0.15, 0.4),  # along WARM and MAGENTA, in encoded values
    Control("highlights", 2, 0.15, 0.4),
    Control("table", 3 * (TABLE_DEGREE + 1) ** 3, 0.1, 0.15),  # added to encoded values at control points
)
LATENT_SIZE = sum(control.count for control in CONTROLS)
_ENDS = tuple(accumulate(control.count for control in CONTROLS))
SLICES = {control.name: slice(end - control.count, end) for control, end in zip(CONTROLS, _ENDS, strict=True)}
"""Where in a latent each control stands."""
SPREADS = torch.cat([torch.full((control.count,), control.spread) for control in CONTROLS])
"""(LATENT_SIZE,) standard deviations of usual grades."""
UNIT = SPREADS * math.sqrt(2 * sum(control.count for control in CONTROLS if control.name != "table"))
"""(LATENT_SIZE,) how far along each number a change of typical size goes."""
# From control points 1 ... of the Bernstein form, the one at 0 being 0, to factors of x, x², ...
_TO_POWERS = [
    [
        math.comb(TONE_DEGREE, i) * math.comb(i, k) * (-1) ** (i - k) if k <= i else 0
        for k in range(1, TONE_DEGREE + 1)
    ]
    for i in range(1, TONE_DEGREE + 1)
]


def controls(latents: Tensor) -> dict[str, Tensor]:
    """The values of the controls, each (n, count) within its bound, of latents (n, LATENT_SIZE)."""
    values = latents.tensor_split(_ENDS[:-1], dim=1)
    return {control.name: control.bound * torch.tanh(w) for control, w in zip(CONTROLS, values, strict=True)}


def apply_grade(latents: Tensor, pictures: Tensor, basis: Tensor | None = None) -> Tensor:
    """Grade pictures, differentiably.

    In this order: exposure, temperature and tint as gains of linear light that roll off towards white;
    contrast and the tone curve on encoded values; saturation and vibrance about luma; split toning; and what
    the colour table adds to each colour of the ungraded picture. The last three leave off towards 0 and 1.

    Args:
        latents: (n, LATENT_SIZE).
        pictures: (n, 3, h, w), or (1, 3, h, w) for all, sRGB values in [0, 1].
        basis: :func:`table_basis` of the pictures, for those who grade the same ones again and again.

    Returns:
        (n, 3, h, w) in [0, 1]; the pictures themselves, up to rounding, for zeros.

    Example:
        >>> pictures = torch.rand(1, 3, 8, 8)
        >>> apply_grade(torch.zeros(1, LATENT_SIZE), pictures).allclose(pictures, atol=1e-5)
        True
    """
    basis = table_basis(pictures) if basis is None else basis
    flat = controls(latents)
    values = {name: value[:, :, None, None] for name, value in flat.items()}
    x = _gain(pictures, values)
    x = x + values["contrast"] * x * (1 - x) * (2 * x - 1)
    x = tone_curve(values["tone"], x)
    x = _saturate(x, values["saturation"], values["vibrance"])
    x = _split_tone(x, values["shadows"], values["highlights"])
    added = flat["table"].unflatten(1, (-1, 3)).transpose(1, 2) @ basis
    return _moved(x, added.unflatten(2, x.shape[2:]))


def tone_curve(rises: Tensor, x: Tensor) -> Tensor:
    """A monotone polynomial from (0, 0) to (1, 1).

    The control points of its Bernstein form rise by the softmax of `rises`. A Bernstein polynomial with
    increasing control points is increasing, and with equal rises it is the identity.

    Args:
        rises: (n, TONE_DEGREE, 1, 1).
        x: (n, c, h, w) in [0, 1].

    Returns:
        (n, c, h, w) in [0, 1].
    """
    points = torch.softmax(rises, dim=1).cumsum(dim=1)
    # Powers of x cost a third of the Bernstein form; the matrix rewrites the control points for them.
    factors = torch.einsum("kj,njab->knab", points.new_tensor(_TO_POWERS), points)[:, :, None]
    curve = factors[-1] * x
    for factor in factors[:-1].flip(0):
        curve = (curve + factor) * x
    return curve.clamp(0, 1)


def table_basis(pictures: Tensor) -> Tensor:
    """Weights of the colour table's control points at each pixel.

    They are products of Bernstein polynomials of red, green and blue, so that the table is smooth
    everywhere and has no cells.

    Args:
        pictures: (n, 3, h, w) in [0, 1].

    Returns:
        (n, control points, h * w), which sum to 1 over the control points.
    """
    degree = TABLE_DEGREE
    ranks = [math.comb(degree, k) * pictures**k * (1 - pictures) ** (degree - k) for k in range(degree + 1)]
    red, green, blue = torch.stack(ranks, dim=1).flatten(3).unbind(2)  # each (n, degree + 1, h * w)
    return torch.einsum("nrp,ngp,nbp->nrgbp", red, green, blue).flatten(1, 3)


def _gain(x: Tensor, values: dict[str, Tensor]) -> Tensor:
    stops = values["exposure"] + _along(WARM, values["temperature"]) + _along(MAGENTA, values["tint"])
    gain, light = torch.exp2(stops), _to_light(x)
    # Slope `gain` at black, and white stays white: nothing clips.
    return _from_light(gain * light / (1 + (gain - 1) * light))


def _saturate(x: Tensor, saturation: Tensor, vibrance: Tensor) -> Tensor:
    luma = _luma(x)
    chroma = x - luma
    # How far each colour is on the way from grey to the edge of the gamut. 0.1 keeps near-black and
    # near-white calm, where the edge is close by whatever the colour and a table would show creases.
    room = torch.where(chroma > 0, 1 - luma, luma) + 0.1
    used = (chroma.abs() / room).amax(dim=1, keepdim=True)
    factor = torch.exp2(saturation)
    scale = factor / (1 + (factor - 1) * used)
    # Vibrance acts on what is still dull, as its users expect.
    used = used * scale
    wanted = chroma * scale * (1 + vibrance * (1 - used).clamp(min=0).square())
    return _moved(x, wanted - chroma)


def _split_tone(x: Tensor, shadows: Tensor, highlights: Tensor) -> Tensor:
    luma = _luma(x)
    for colour, weight in ((shadows, (1 - luma).square()), (highlights, luma.square())):
        x = _moved(x, weight * (_along(WARM, colour[:, :1]) + _along(MAGENTA, colour[:, 1:])))
    return x


def _moved(x: Tensor, change: Tensor) -> Tensor:
    """Values x in [0, 1] moved by a change, the less the nearer they come to 0 or 1: nothing clips."""
    room = torch.where(change > 0, 1 - x, x).clamp(min=0)
    return (x + change * room / (room.square() + change.square() + _SMALL).sqrt()).clamp(0, 1)


def _luma(x: Tensor) -> Tensor:
    red, green, blue = x.unbind(dim=1)
    return (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue)[:, None]


def _along(axis: tuple[float, float, float], amount: Tensor) -> Tensor:
    """(n, 1, 1, 1) amounts along a colour axis: (n, 3, 1, 1)."""
    return amount * amount.new_tensor(axis)[:, None, None]


def _to_light(x: Tensor) -> Tensor:
    """Encoded sRGB values to linear light (IEC 61966-2-1)."""
    return torch.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def _from_light(light: Tensor) -> Tensor:
    # Clamped within the branch that is not taken: its infinite slope at 0 would make the gradient NaN.
    power = 1.055 * light.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(light <= 0.0031308, light * 12.92, power)
