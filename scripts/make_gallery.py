"""The gallery of docs/gallery.md: matches, grades, takes and covers, from what the package ships.

python scripts/make_gallery.py

Writes the page, and its pictures and sounds into a folder beside it of the same name.
"""

import argparse
import shlex
import sys
from pathlib import Path

from gallery.covers import covers
from gallery.examples import read_examples
from gallery.grades import grades
from gallery.matches import matches
from gallery.page import Media
from gallery.takes import takes

from va_space import VASpace
from va_space.atomic import replacing
from va_space.demo.music import CLIPS
from va_space.generation.provenance import versions
from va_space.report.sounds import address_of

HEAD = """\
# Gallery

What va-space makes of the photographs and clips of `va-space demo`. They were chosen by rule, not by hand,
and every caption is made of values of the run that made this page.
"""
FOOT = """\
## How it was made

`make gallery` runs `{command}`:
the weights `{model}`, seed {seed};
{versions}.
Once more on the same machine with the same versions it gives the same files, byte by byte. Elsewhere the last
bits of what is computed may differ, and with them a pixel, a note or a percentage.

Clips that sound like music rendered from notes are compared with such renderings, the others with recordings.
All of them are renderings of compositions in the public domain ([credits]({credits})).
Music and covers were made by va-space. The photographs are those of the people named beside them, under the
licences named there; what was graded is to be credited to them, too.
"""


def main() -> None:
    """Read the arguments, make each part, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/gallery.md"), help="the page: .md")
    parser.add_argument("--model", help="folder; default: the model that ships")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", type=int, default=6, help="photographs, and covers")
    parser.add_argument("--clips", type=int, help="choose from so many of the demo's clips; default: all")
    parser.add_argument("--strength", type=float, default=0.5, help="of grades")
    parser.add_argument("--seconds", type=float, default=20, help="of composed music")
    parser.add_argument("--side", type=int, default=1600, help="pixels that covers are painted with")
    options = parser.parse_args()
    if options.output.suffix != ".md":
        parser.error("the page is a .md file")
    space, media = VASpace.from_pretrained(options.model), Media(options.output)
    examples = read_examples(space, options.seed, options.each, options.clips)
    makers = (
        lambda: matches(examples, media),
        lambda: grades(examples, media, options.strength),
        lambda: takes(examples, media, options.seconds),
        lambda: covers(examples, media, options.side),
    )
    parts = []
    for make in makers:
        parts.append(make())
        sys.stderr.write(f"{parts[-1].title}: made\n")
    foot = FOOT.format(
        command=shlex.join(["python", "scripts/make_gallery.py", *sys.argv[1:]]),
        model=space.fingerprint[:8],
        seed=options.seed,
        versions=", ".join(f"{name} {of}" for name, of in versions("torch", "pillow", "matplotlib").items()),
        credits=address_of(CLIPS / "CREDITS.md", options.output.parent),
    )
    page = "\n\n".join([HEAD.strip(), *(part.markdown() for part in parts), foot])
    with replacing(options.output) as beside:
        beside.write_text(page, encoding="utf-8")
    media.remove_others()


if __name__ == "__main__":
    main()
