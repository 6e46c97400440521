"""A slide show for several recordings in a row, its frames on one sheet, and whether it changes at the joins.

python scripts/slide_show_sheet.py -o show                    # recordings and paintings of VA_SPACE_DATA
python scripts/slide_show_sheet.py --music ~/Music --pictures ~/Pictures -o show

The folder gets music.flac, show.mp4 and sheet.png. Standard output says for each join when the nearest change
of pictures is.
"""

import argparse
import os
import sys
from pathlib import Path

import av
import numpy as np
import soundfile
from PIL import Image

from va_space import VASpace, index
from va_space.media.audio import load_audio
from va_space.media.kinds import find_media
from va_space.production.slideshow import write_slide_show
from va_space.retrieval.picture_story import Slide, picture_story

RATE = 22_050
TILE, COLUMNS = (320, 180), 6
INTO_FADE = (-0.2, 0.0, 0.2)  # seconds around the first change of which frames are shown too


def main() -> None:
    """Read the arguments, make the show, and look at it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="folder; default: the model that ships")
    parser.add_argument("--music", type=Path, help="folder; default: Emotify of VA_SPACE_DATA")
    parser.add_argument("--pictures", type=Path, help="folder; default: paintings of VA_SPACE_DATA")
    parser.add_argument("--count", type=int, default=6, help="recordings, drawn by --seed")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write")
    options = parser.parse_args()
    if not (options.music and options.pictures) and not os.environ.get("VA_SPACE_DATA"):
        raise SystemExit("give --music and --pictures, or set VA_SPACE_DATA to the folder of data sets")
    data = Path(os.environ.get("VA_SPACE_DATA", ""))
    files = sorted(find_media([options.music or data / "emotify" / "audio"]))
    drawn = np.random.default_rng(options.seed).choice(len(files), options.count, replace=False)
    options.output.mkdir(parents=True, exist_ok=True)
    parts = [load_audio(files[number], RATE) for number in drawn]
    music = options.output / "music.flac"
    soundfile.write(music, np.concatenate(parts), RATE)
    joins = np.cumsum([len(part) for part in parts])[:-1] / RATE
    space = VASpace.from_pretrained(options.model)
    pictures = options.pictures or data / "paintings" / "images"
    album = index(space, pictures, options.output / "album", kind="pictures").library
    slides = picture_story(space, album, music).slides
    write_slide_show(options.output / "show.mp4", music, slides)
    draw(options.output / "show.mp4", slides, options.output / "sheet.png")
    changes = np.array([slide.start for slide in slides])
    lines = ["| join, s | nearest change, s |", "|--:|--:|"]
    lines += [f"| {join:.1f} | {changes[np.abs(changes - join).argmin()]:.1f} |" for join in joins]
    lengths = [slide.length for slide in slides]
    different = len({slide.path for slide in slides})
    lines += [
        "",
        f"{len(slides)} pictures of {min(lengths):.1f} to {max(lengths):.1f} s, {different} different",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def draw(video: Path, slides: list[Slide], sheet: Path) -> None:
    """A frame from the middle of each slide, and some of the first fade."""
    times = [slide.start + slide.length / 2 for slide in slides]
    if len(slides) > 1:
        times += [slides[1].start + away for away in INTO_FADE]
    times.sort()
    tiles = []
    with av.open(str(video)) as file:
        for frame in file.decode(file.streams.video[0]):
            if len(tiles) < len(times) and frame.time >= times[len(tiles)]:
                tiles.append(frame.to_image().resize(TILE))
    rows = -(-len(tiles) // COLUMNS)
    width, height = TILE[0] + 4, TILE[1] + 4
    whole = Image.new("RGB", (COLUMNS * width, rows * height), "white")
    for number, tile in enumerate(tiles):
        whole.paste(tile, (number % COLUMNS * width, number // COLUMNS * height))
    whole.save(sheet)


if __name__ == "__main__":
    main()
