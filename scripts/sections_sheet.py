"""Draws how recordings run and where their sections are, one below the other, to be looked at.

    python scripts/sections_sheet.py RECORDING... -o sections.png

Black: loudness in LUFS, half a second each. Red: onset strength. Below: how alike any two moments are (dark:
alike), with the borders of the sections.
"""

import argparse
from pathlib import Path

import numpy as np

from va_space.generation.tags.content import sings
from va_space.generation.tags.form import SECONDS, read_form
from va_space.generation.tags.hearing import hear
from va_space.generation.tags.sections import find_sections
from va_space.media.boundaries import standardised
from va_space.space import VASpace

COLOURS = {
    "intro": "#9ecae1",
    "verse": "#c7e9c0",
    "chorus": "#74c476",
    "build": "#fdd0a2",
    "drop": "#fb6a4a",
    "climax": "#fb6a4a",
    "break": "#bcbddc",
    "bridge": "#dadaeb",
    "outro": "#6baed6",
    "part": "#f0f0f0",
    "whole": "#f0f0f0",
}


def main() -> None:
    """Read, and draw."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    space = VASpace.from_pretrained()
    count = len(options.recordings)
    figure, axes = pyplot.subplots(2, count, figsize=(4 * count, 5), squeeze=False)
    for (curve, likeness), path in zip(axes.T, options.recordings, strict=True):
        form = read_form(path)
        sections = find_sections(form, sings=sings(hear(space, path)))
        times = SECONDS * np.arange(len(form.power))
        for section in sections:
            curve.axvspan(section.start, section.end, color=COLOURS[section.label], alpha=0.6)
            name = f"{section.label} {section.letter}\n{section.energy:.2f}"
            curve.text((section.start + section.end) / 2, -4, name, ha="center", va="top", fontsize=7)
        curve.plot(times, 10 * np.log10(form.power + 1e-7) - 0.7, "k", linewidth=0.8)
        curve.set(ylim=(-45, 0), title=path.stem, xlim=(0, form.duration))
        onsets = curve.twinx()
        onsets.plot(times, form.onsets, "r", linewidth=0.6)
        onsets.set(ylim=(0, 6), yticks=[])
        scaled = standardised(form.features)
        away = np.linalg.norm(scaled[:, None] - scaled[None], axis=2)
        likeness.imshow(away, cmap="gray", extent=(0, form.duration, form.duration, 0), vmin=0, vmax=2)
        for section in sections[1:]:
            likeness.axvline(section.start, color="r", linewidth=0.7)
    figure.tight_layout()
    figure.savefig(options.output, dpi=70)


if __name__ == "__main__":
    main()
