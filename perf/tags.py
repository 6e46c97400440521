"""Whether instruments are heard that titles name, and what long recordings cost; prints markdown.

    VA_SPACE_DATA=DATA python perf/tags.py --titles
    python perf/tags.py --minutes 2 180

DATA holds ``fourq`` or ``emotify``, or both. A recording counts for an instrument if its title names it; it
is heard if it, or a narrower or a more general name of it, is among the tags. Beside it, how often the same
is among the tags of recordings whose titles name another instrument: what chance would give. Long recordings
are one composed take over and over, each measured in a process of its own.
"""

import argparse
import csv
import multiprocessing
import os
import re
import resource
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import soundfile

from va_space.generation.music.compose import compose_takes
from va_space.generation.tags import describe
from va_space.generation.tags.vocabulary import vocabulary
from va_space.space import VASpace

# What titles call instruments, and the tags that count as the same.
WORDS = {
    "guitar": ("guitar", "acoustic guitar", "electric guitar", "slide guitar", "bass guitar"),
    "lute": ("guitar", "acoustic guitar", "mandolin", "zither", "harp"),
    "piano": ("piano", "electric piano"),
    "harpsichord": ("harpsichord",),
    "organ": ("organ", "electronic organ", "hammond organ"),
    "violin": ("violin", "strings"),
    "cello": ("cello", "strings", "double bass"),
    "flute": ("flute", "woodwind"),
    "oboe": ("clarinet", "flute", "saxophone", "woodwind"),
    "trumpet": ("trumpet", "brass"),
    "harp": ("harp",),
    "banjo": ("banjo",),
    "drum": ("drums", "percussion"),
    "timbales": ("drums", "percussion"),
    "bells": ("bells", "jingle bells", "church bells", "tubular bells", "chimes"),
    "sax": ("saxophone", "woodwind"),
}
ALSO = {"violoncello": "cello", "lautenwerk": "lute", "orgel": "organ", "fiddle": "violin"}


def titles(data: Path) -> list[tuple[Path, str]]:
    """Files and titles."""
    found = []
    for folder, column in (("fourq", "song"), ("emotify", "file")):
        table = data / folder / f"{folder}.csv"
        if table.is_file():
            with table.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    name = row[column]
                    path = data / folder / (name if "/" in name else f"audio/{name}.opus")
                    found.append((path, row["title"]))
    return found


def named_in(title: str) -> set[str]:
    """Instruments that a title names."""
    words = re.findall(r"[a-z]+", title.lower())
    words = [ALSO.get(word, word) for word in words] + [word.removesuffix("s") for word in words]
    return {word for word in words if word in WORDS}


def instruments(data: Path) -> None:
    """Listen to recordings whose titles name instruments, and print how often these are heard."""
    space = VASpace.from_pretrained()
    known = {entry.name for entry in vocabulary() if entry.kind == "instrument"}
    assert all(set(tags) <= known for tags in WORDS.values())
    heard: dict[str, list[bool]] = defaultdict(list)
    elsewhere: dict[str, list[bool]] = defaultdict(list)
    for path, title in titles(data):
        named = named_in(title)
        if not named or not path.is_file():
            continue
        tags = {tag.name for tag in describe(space, path).instruments}
        for word, same in WORDS.items():
            (heard if word in named else elsewhere)[word].append(bool(tags & set(same)))
    print("| title names | n | heard | heard where others are named |\n|---|--:|--:|--:|")
    for word in sorted(heard, key=lambda word: -len(heard[word])):
        there, others = heard[word], elsewhere[word]
        chance = f"{sum(others) / len(others):.0%}" if others else "–"
        print(f"| {word} | {len(there)} | {sum(there)} | {chance} |")
    there = [each for row in heard.values() for each in row]
    # Weighted as the named ones are.
    chance = sum(len(heard[w]) * sum(elsewhere[w]) / max(len(elsewhere[w]), 1) for w in heard) / len(there)
    print(f"| all | {len(there)} | {sum(there)} ({sum(there) / len(there):.0%}) | {chance:.0%} |")


def cost(path: str) -> tuple[float, float, int]:
    """Processor seconds, megabytes of memory at most, and sections of a recording."""
    space = VASpace.from_pretrained()
    before = time.process_time()
    found = describe(space, path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.process_time() - before, peak, len(found.sections)


def long_recordings(minutes: list[float]) -> None:
    """Measure recordings of some lengths."""
    take = compose_takes(None, "0.6,0.6", seconds=60, candidates=1)[0]
    sound = take.sound.mean(axis=0)
    print("| minutes | s of processor | MB at most | sections |\n|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for length in minutes:
            path = str(Path(folder) / "long.flac")
            with soundfile.SoundFile(path, "w", take.sample_rate, 1) as file:
                for _ in range(max(1, round(length))):
                    file.write(sound)
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                seconds, peak, sections = pool.apply(cost, (path,))
            print(f"| {length:g} | {seconds:.0f} | {peak:.0f} | {sections} |")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--titles", action="store_true", help="of recordings below VA_SPACE_DATA")
    parser.add_argument("--minutes", type=float, nargs="+", default=[], help="lengths of recordings")
    options = parser.parse_args()
    if options.titles and os.environ.get("VA_SPACE_DATA"):
        instruments(Path(os.environ["VA_SPACE_DATA"]))
    if options.minutes:
        long_recordings(options.minutes)


if __name__ == "__main__":
    main()
