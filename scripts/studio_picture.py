"""The studio in one image: a photograph matched with the demo's music, and why the first result answers.

python scripts/studio_picture.py -o docs/studio.jpg

Needs the extras studio, explain, demo and dev, and Chromium. The photograph is scikit-image's rocket (SpaceX,
public domain); the music is the demo's.
"""

import argparse
import io
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from va_space import VASpace
from va_space.demo.music import clips
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.retrieval.index import index
from va_space.studio.app import create_app
from va_space.studio.serve import options

WIDTH, HEIGHT = 1240, 1560
SHOWN = 760  # pixels of the width of each half
LARGEST = 150_000  # bytes
PATIENCE = 300_000  # milliseconds


def main() -> None:
    """Read the arguments, serve, look, and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help="image to write: .jpg")
    parser.add_argument("--model", help="a model's folder. Default: the one that ships.")
    parser.add_argument("--tracks", type=int, help="of the demo. Default: all.")
    arguments = parser.parse_args()
    names = "chromium", "chromium-browser", "google-chrome"
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        sys.exit("Needs Chromium; on Debian and Ubuntu: apt install chromium")
    space = VASpace.from_pretrained(arguments.model)
    with tempfile.TemporaryDirectory() as folder:
        library = index(space, [clip.path for clip in clips()[: arguments.tracks]], folder).library
        app = create_app(space, {"music": library})
        with serving(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=["--mute-audio"])
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
            page.set_default_timeout(PATIENCE)
            page.goto(address)
            halves = [match(page), why(page)]
            browser.close()
    write(halves, arguments.output)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address at which an app is served meanwhile."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, **options("127.0.0.1", port)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join()


def match(page: Page) -> bytes:
    """The answers to a photograph."""
    path = next(each.path for each in PHOTOGRAPHS if each.name == "rocket")
    page.set_input_files("#files", path)
    page.wait_for_selector(".answers")
    return page.screenshot()


def why(page: Page) -> bytes:
    """Why the first of them answers."""
    page.get_by_role("button", name="Why?").first.click()
    page.wait_for_selector("#why .explained")
    page.wait_for_timeout(500)  # for the pictures to be drawn
    return page.screenshot()


def write(halves: list[bytes], output: Path) -> None:
    """Both beside each other, in at most LARGEST bytes."""
    pictures = [Image.open(io.BytesIO(each)).convert("RGB") for each in halves]
    size = SHOWN, round(SHOWN * HEIGHT / WIDTH)
    whole = Image.new("RGB", (2 * size[0], size[1]))
    for number, picture in enumerate(pictures):
        whole.paste(picture.resize(size, Image.Resampling.LANCZOS), (number * size[0], 0))
    for quality in range(86, 30, -4):
        file = io.BytesIO()
        whole.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        if file.tell() <= LARGEST:
            break
    output.write_bytes(file.getvalue())


if __name__ == "__main__":
    main()
