"""Peak memory of ``va-space va`` on folders of large and of hostile pictures.

    python perf/picture_memory.py [--model FOLDER] [KIND ...]

Each folder is read by a process of its own; its peak is that of the resident set, model included.
"""

import argparse
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 11_000, 8_900  # 98 million pixels
Maker = Callable[[Path], None]


def main() -> None:
    """Make the folders, read them, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--model")
    options = parser.parse_args()
    print("| folder | files | peak, GB |")
    print("|---|---|---|")
    for kind in options.kinds or KINDS:
        make, count = KINDS[kind]
        with tempfile.TemporaryDirectory() as folder:
            first = Path(folder) / f"0.{kind.split()[-1]}"
            make(first)
            for number in range(1, count):
                shutil.copy(first, first.with_stem(str(number)))
            peak = peak_of(folder, options.model)
        print(f"| {kind} | {count} | {peak:.2f} |", flush=True)


def peak_of(folder: str, model: str | None) -> float:
    """GB that reading a folder takes at most."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'va_space', *sys.argv[1:]], stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", code, "va", folder, *(["--model", model] if model else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout) * 1024 / 1e9


def _png(path: Path, channels: int = 3) -> None:
    """Written a row at a time: a ramp, the same in every row."""
    row = b"\0" + bytes((x * (channel + 1) // 43) & 0xFF for x in range(WIDTH) for channel in range(channels))
    deflate = zlib.compressobj(1)
    pixels = b"".join(deflate.compress(row) for _ in range(HEIGHT)) + deflate.flush()

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


def _blp(path: Path) -> None:
    """A header of 148 bytes that promises 98 million pixels, and nearly nothing behind it."""
    head = b"BLP2" + struct.pack("<I4B2I", 1, 1, 0, 0, 0, WIDTH, HEIGHT)
    path.write_bytes(head + struct.pack("<16I", 148, *[0] * 15) + struct.pack("<16I", *[52] * 16) + bytes(52))


def _saved(kind: str, size: tuple[int, int], **options: object) -> Maker:
    def make(path: Path) -> None:
        Image.linear_gradient("L").convert("RGB").resize(size).save(path, kind, **options)

    return make


KINDS: dict[str, tuple[Maker, int]] = {
    "one small png": (_saved("PNG", (64, 64)), 1),
    "98 MP png": (_png, 6),
    "98 MP with alpha png": (lambda path: _png(path, 4), 6),
    "200 bytes blp": (_blp, 7),
    "98 MP progressive jpg": (_saved("JPEG", (WIDTH, HEIGHT), progressive=True, subsampling=0), 6),
    "98 MP lzw tif": (_saved("TIFF", (WIDTH, HEIGHT), compression="tiff_lzw"), 6),
    "40 MP webp": (_saved("WEBP", (8_000, 5_000), lossless=True, method=0), 6),
    "40 MP jp2": (_saved("JPEG2000", (8_000, 5_000)), 4),
    "40 MP avif": (_saved("AVIF", (8_000, 5_000), speed=10), 4),
    "12 MP jpg": (_saved("JPEG", (4_000, 3_000)), 300),
    "12 MP png": (_saved("PNG", (4_000, 3_000), compress_level=1), 60),
}

if __name__ == "__main__":
    main()
