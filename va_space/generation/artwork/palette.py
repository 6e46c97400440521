"""Harmonies of colour, and which one a feeling asks for."""

from dataclasses import dataclass

import numpy as np

from va_space.generation.artwork.colour import Floats, adjusted, hex_to_oklab

# How many harmonies come into question for a feeling.
_NEAREST = 3
_TURN = 7.0


@dataclass(frozen=True)
class Harmony:
    """Colours that go together.

    Attributes:
        name: Of the whole.
        valence: Where it stands on the plane of feeling, in [0, 1].
        arousal: Likewise.
        ramp: From the darkest shadow to the brightest light.
        sky: From the zenith to the horizon.
        accent: What is used sparingly.
    """

    name: str
    valence: float
    arousal: float
    ramp: tuple[str, ...]
    sky: tuple[str, ...]
    accent: str


HARMONIES = (
    Harmony(
        "golden hour", 0.75, 0.55,
        ("#2b2543", "#643a58", "#b9574e", "#eb9a55", "#f9d389"),
        ("#5b6c9a", "#d99a86", "#fbd892"), "#e2502f",
    ),
    Harmony(
        "meadow", 0.9, 0.45,
        ("#173b33", "#39733f", "#7fa945", "#c9cf72", "#f4efbf"),
        ("#5fa7d6", "#a9d3e6", "#f3f1d8"), "#e8563f",
    ),
    Harmony(
        "pastel dawn", 0.82, 0.15,
        ("#4d5b7c", "#8088a8", "#b7a7bd", "#e6bfb4", "#fbeadb"),
        ("#a9bedb", "#e4cbd2", "#fde6d2"), "#ee8a72",
    ),
    Harmony(
        "sea glass", 0.7, 0.3,
        ("#123f4a", "#2d7078", "#6fa9a2", "#b9d3bd", "#f3eedd"),
        ("#7fb7c9", "#bcd9d6", "#f5ead6"), "#ee7f5e",
    ),
    Harmony(
        "terracotta", 0.6, 0.42,
        ("#33231f", "#6c3f2c", "#ad6a43", "#d7a572", "#f2e2c4"),
        ("#93a7a3", "#d6c7a6", "#f4e3c3"), "#3f7d78",
    ),
    Harmony(
        "tropical", 0.93, 0.75,
        ("#0c3b4c", "#0f7f84", "#2fb8a0", "#f6b756", "#fdf0c4"),
        ("#1c8fc0", "#72cbd0", "#fbe3a6"), "#f2554f",
    ),
    Harmony(
        "carnival", 0.8, 0.93,
        ("#1d1a52", "#2548a8", "#d8333f", "#f58f2a", "#fbe36a"),
        ("#2a62c4", "#f2805a", "#fcd35c"), "#12a59b",
    ),
    Harmony(
        "neon", 0.55, 0.87,
        ("#120f2e", "#3a1d68", "#a02c8e", "#f0568f", "#ffc9a8"),
        ("#1a1645", "#6a2a86", "#f2739a"), "#2fd0d8",
    ),
    Harmony(
        "copper and teal", 0.45, 0.65,
        ("#0e2a33", "#1f5a61", "#5b8a84", "#d08a52", "#f3d2a0"),
        ("#2d6470", "#93aaa0", "#eebf85"), "#d4532f",
    ),
    Harmony(
        "mist", 0.52, 0.1,
        ("#37464c", "#5f7275", "#8b9c9b", "#b9c3bd", "#e6e6dc"),
        ("#9fb0b5", "#c6cdc9", "#ebe8dc"), "#c98b62",
    ),
    Harmony(
        "winter sun", 0.4, 0.25,
        ("#2c3a55", "#566a86", "#8c9fb1", "#c3cbd0", "#f3ead9"),
        ("#8da5bf", "#c5cdd6", "#f5e2c2"), "#e59a55",
    ),
    Harmony(
        "blue hour", 0.35, 0.3,
        ("#0e1730", "#1f3358", "#3f5a85", "#7e90ad", "#d5cfcb"),
        ("#1b2d55", "#4d6492", "#b79fa8"), "#f2b45a",
    ),
    Harmony(
        "dusk plum", 0.28, 0.48,
        ("#1c1225", "#452244", "#7d3a57", "#b9747a", "#e3bfae"),
        ("#2f2148", "#7a4866", "#d1938a"), "#e9b25f",
    ),
    Harmony(
        "slate rain", 0.13, 0.15,
        ("#1b2126", "#374249", "#5a666b", "#848c8c", "#b9bab2"),
        ("#46525b", "#727c80", "#a5a8a2"), "#8d6b4e",
    ),
    Harmony(
        "moss and lead", 0.2, 0.35,
        ("#14191a", "#2f3a35", "#55604f", "#8a8b6f", "#c3bda0"),
        ("#38454a", "#6c7671", "#b1ad95"), "#a4512f",
    ),
    Harmony(
        "storm", 0.18, 0.68,
        ("#0c1418", "#1f3238", "#3f5a5e", "#8ba09c", "#e3e4d6"),
        ("#19262d", "#4b6168", "#b7b99c"), "#d8a13a",
    ),
    Harmony(
        "ember", 0.12, 0.9,
        ("#130a0c", "#4a1318", "#9c2419", "#e0591d", "#ffc05a"),
        ("#1a0e13", "#5b1a1d", "#d5521f"), "#f6dc8f",
    ),
    Harmony(
        "rust and ink", 0.3, 0.85,
        ("#0e1118", "#252c3d", "#7a2e2a", "#c9552e", "#eac79a"),
        ("#1b2230", "#5d4248", "#cf7a48"), "#e9e2cf",
    ),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Palette:
    """The colours of one picture, in OKLab.

    Attributes:
        name: Of the harmony it was made from.
        ramp: (n, 3), dark to bright.
        sky: (m, 3), zenith to horizon.
        accent: (3,).
    """

    name: str
    ramp: Floats
    sky: Floats
    accent: Floats

    def tone(self, t: Floats | float) -> Floats:
        """(...) brightness in [0, 1] along the ramp to (..., 3) colours."""
        return _along(self.ramp, np.asarray(t, np.float32))

    def air(self, t: Floats | float) -> Floats:
        """(...) height in [0, 1] from the zenith down to the horizon to (..., 3) colours."""
        return _along(self.sky, np.asarray(t, np.float32))


def choose_palette(valence: float, arousal: float, rng: np.random.Generator) -> Palette:
    """A harmony that stands near a feeling, brighter and fuller as the feeling is.

    Pleasure goes with brightness, excitement with saturation (Valdez and Mehrabian 1994, "Effects of color on
    emotions").

    Args:
        valence: Percentile in [0, 1].
        arousal: Likewise.
        rng: Draws one of the nearest harmonies, and a slight turn of its hues.
    """
    away = np.array([np.hypot(h.valence - valence, h.arousal - arousal) for h in HARMONIES])
    nearest = np.argsort(away, kind="stable")[:_NEAREST]
    weights = np.exp(-((away[nearest] - away[nearest[0]]) / 0.18))
    harmony = HARMONIES[int(rng.choice(nearest, p=weights / weights.sum()))]
    turn = float(rng.uniform(-_TURN, _TURN))
    ramp, sky = (np.stack([hex_to_oklab(code) for code in codes]) for codes in (harmony.ramp, harmony.sky))
    accent = hex_to_oklab(harmony.accent)
    lightness = 0.09 * (valence - harmony.valence) + 0.05 * (valence - 0.5)
    fullness = 1 + 0.35 * (arousal - harmony.arousal) + 0.25 * (arousal - 0.5)
    spread = 1 + 0.3 * (arousal - 0.5)

    def tuned(colours: Floats) -> Floats:
        changed = adjusted(colours, lightness=lightness, chroma=fullness, hue=turn)
        changed[..., 0] = (0.55 + (changed[..., 0] - 0.55) * spread).clip(0.06, 0.98)
        return changed

    return Palette(harmony.name, tuned(ramp), tuned(sky), tuned(accent))


def _along(stops: Floats, t: Floats) -> Floats:
    place = t.clip(0, 1) * (len(stops) - 1)
    before = np.minimum(place.astype(np.int32), len(stops) - 2)
    share = (place - before)[..., None]
    return stops[before] * (1 - share) + stops[before + 1] * share
