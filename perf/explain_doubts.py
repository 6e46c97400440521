"""Whether effects that are marked as small say less: how often all views of the encoder give them one sign.

    VA_SPACE_DATA=DATA python perf/explain_doubts.py --pictures 30

For the photographs that the demo's packages bring and, with DATA, pictures of OASIS drawn by seed: the
regions that the maps of valence and arousal name, each measured by every view. Prints markdown.
"""

import argparse
import os
import random
from pathlib import Path

import torch

from va_space.demo.photographs import PHOTOGRAPHS
from va_space.explanation.aims import Aim, read_aims
from va_space.explanation.doubts import is_small
from va_space.explanation.maps import Region, covered_at, covering, effects_in_views, picture_maps
from va_space.explanation.methods import MapOptions
from va_space.media.pictures import load_picture, picture_to_tensor
from va_space.space import VASpace


def regions_of(space: VASpace, path: Path, grid: int) -> list[tuple[Region, bool]]:
    """The regions that maps of a picture name, and whether all views give their effect one sign."""
    picture = picture_to_tensor(load_picture(path), space.config.picture.size).float() / 255
    read = read_aims(space, ["valence", "arousal"], "picture", "photograph")
    aims = [aim for aim in read if isinstance(aim, Aim)]
    whole, side = picture[None], picture.shape[1]
    cover, found = covering(whole), []
    for number, each in enumerate(picture_maps(space, picture, aims, "occlusion", MapOptions(grid=grid))):
        for region in (each.raises, each.lowers):
            left, top, right, bottom = (
                round(side * share) for share in (region.left, region.top, region.right, region.bottom)
            )
            covered = covered_at(whole, cover, (left, top, right, bottom))
            signs = torch.sign(effects_in_views(space, aims, whole, [covered])[:, 0, number])
            found.append((region, bool((signs == signs[0]).all())))
    return found


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=int, default=0, help="of OASIS, below VA_SPACE_DATA")
    parser.add_argument("--photographs", type=int, default=len(PHOTOGRAPHS), help="of the demo")
    parser.add_argument("--grid", type=int, default=9, help="windows along each side")
    options = parser.parse_args()
    space = VASpace.from_pretrained()
    files = [photograph.path for photograph in PHOTOGRAPHS[: options.photographs]]
    if options.pictures and (data := os.environ.get("VA_SPACE_DATA")):
        there = sorted((Path(data) / "oasis").rglob("*.jpg"))
        files += random.Random(1).sample(there, options.pictures)
    found = [each for path in files for each in regions_of(space, path, options.grid)]
    print("| effect | regions | one sign in all views |\n|---|--:|--:|")
    for small, words in ((True, "small: within its deviation"), (False, "larger")):
        same = [agree for region, agree in found if is_small(region.effect, region.doubt) == small]
        print(f"| {words} | {len(same)} | {sum(same) / max(len(same), 1):.0%} |")


if __name__ == "__main__":
    main()
