"""Whether instruments are heard that titles name, and what long recordings cost; prints markdown.

    VA_SPACE_DATA=DATA python perf/tags.py --titles
    VA_SPACE_DATA=DATA python perf/tags.py --notes 24
    python perf/tags.py --keys
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
import random
import re
import resource
import tempfile
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import soundfile

from va_space.demo.music import CLIPS
from va_space.generation.music.compose import compose_takes
from va_space.generation.music.theory import parse_key
from va_space.generation.tags import describe
from va_space.generation.tags.form import read_form
from va_space.generation.tags.key import LEAST_MARGIN, find_key
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
# Folders of single notes, and the tags that count as right.
NOTES = {
    "banjo": ("banjo", "guitar", "acoustic guitar", "mandolin", "strings"),
    "cello": ("cello", "strings", "double bass", "violin"),
    "drum": ("drums", "percussion"),
    "flute": ("flute", "woodwind"),
    "french_horn": ("brass", "french horn", "trombone", "trumpet"),
    "guitar": ("guitar", "acoustic guitar", "electric guitar", "slide guitar"),
    "saxophone": ("saxophone", "woodwind", "clarinet"),
}
# Clips of the demo, and the key of each movement that its begin or its catalogue names.
KEYS = {
    "joplin-maple-leaf-rag": "Ab major",
    "joplin-maple-leaf-rag-trio": "Db major",
    "mozart-sonata-545-allegro": "C major",
    "mozart-quartet-155-allegro": "D major",
    "mozart-quartet-155-andante": "A major",
    "mozart-quartet-156-adagio": "E minor",
    "mozart-hunt-quartet-finale": "Bb major",
    "mozart-hunt-quartet-adagio": "Eb major",
    "haydn-quartet-1-1-presto": "Bb major",
    "haydn-quartet-1-1-adagio": "Eb major",
    "haydn-quartet-74-1-vivace": "C major",
    "weber-concertino-finale": "Eb major",
    "beethoven-quartet-59-2-allegro": "E minor",
    "beethoven-quartet-59-2-adagio": "E major",
    "beethoven-quartet-59-3-finale": "C major",
    "beethoven-quartet-59-1-mesto": "F minor",
    "beethoven-quartet-18-1-storm": "D minor",
    "bach-jesu-meine-freude": "E minor",
    "schumann-quartet-41-1-presto": "A minor",
    "schumann-quartet-41-1-scherzo": "A minor",
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


def notes(data: Path, each: int) -> None:
    """Listen to single notes of known instruments, and print how often what is said of them is right."""
    space = VASpace.from_pretrained()
    said: list[tuple[float, bool]] = []
    for folder in sorted((data / "instruments" / "sounds").iterdir()):
        files = sorted(folder.iterdir())
        random.Random(0).shuffle(files)
        for path in files[:each]:
            tags = describe(space, path).instruments
            said += [(tag.score, tag.name in NOTES[folder.name]) for tag in tags]
    print("| score | said | right |\n|---|--:|--:|")
    for low, high in pairwise((0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.01)):
        right = [good for score, good in said if low <= score < high]
        print(f"| {low:g} to {min(high, 1):g} | {len(right)} | {sum(right) / max(len(right), 1):.0%} |")


def keys() -> None:
    """Read the demo's clips, whose keys are known, and print how often the key is right by its margin."""
    found = []
    for name, key in KEYS.items():
        fit = find_key(read_form(CLIPS / f"{name}.ogg").chroma)
        if fit is not None:
            found.append((fit.margin, fit.key == parse_key(key)))
    print("| margin | clips | right |\n|---|--:|--:|")
    for low, high in ((0.0, LEAST_MARGIN), (LEAST_MARGIN, 2.0)):
        right = [good for margin, good in found if low <= margin < high]
        said = f"below {high:g}" if low == 0 else f"{low:g} and more"
        print(f"| {said} | {len(right)} | {sum(right)} ({sum(right) / max(len(right), 1):.0%}) |")


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
    parser.add_argument("--notes", type=int, metavar="N", help="N single notes of each instrument, below it")
    parser.add_argument("--keys", action="store_true", help="of the demo's clips")
    options = parser.parse_args()
    if options.titles and os.environ.get("VA_SPACE_DATA"):
        instruments(Path(os.environ["VA_SPACE_DATA"]))
    if options.notes and os.environ.get("VA_SPACE_DATA"):
        notes(Path(os.environ["VA_SPACE_DATA"]), options.notes)
    if options.keys:
        keys()
    if options.minutes:
        long_recordings(options.minutes)


if __name__ == "__main__":
    main()
