"""How smoothly the studio's Explore tab draws many points: frames a second in a headless Chromium.

    python perf/explore.py --points 100000

Needs the extras studio and dev, and Chromium. The plane is moved and zoomed all the time; a browser draws at
most as often as its screen is refreshed, which a headless one takes to be 60 times a second.
"""

import argparse
import json
import shutil
import socket
import sys
import tempfile
import threading
import time
from functools import partial

import numpy as np
import uvicorn
from playwright.sync_api import Route, sync_playwright

from va_space import VASpace
from va_space.demo.music import clips
from va_space.retrieval.index import index
from va_space.studio.app import create_app
from va_space.studio.clouds import STEPS
from va_space.studio.serve import options

MEASURE = """async seconds => {
  let frames = 0, spent = 0;
  const start = performance.now();
  for (let now; (now = performance.now() - start) < 1000 * seconds; frames++) {
    await new Promise(requestAnimationFrame);
    plane.view = {x: 0.5 + 0.1 * Math.sin(now / 900), y: 0.5, span: 0.75 + 0.4 * Math.cos(now / 1300)};
    const before = performance.now();
    draw();
    spent += performance.now() - before;
  }
  return [frames / seconds, spent / frames];
}"""


def _give(content: bytes, route: Route) -> None:
    route.fulfill(body=content, headers={"X-Version": "1", "X-Relative": "true"})


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=4.0)
    arguments = parser.parse_args()
    names = "chromium", "chromium-browser", "google-chrome"
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        sys.exit("Needs Chromium; on Debian and Ubuntu: apt install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        space = VASpace.from_pretrained(device="cpu")
        library = index(space, [clips()[0].path], folder).library
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        app = create_app(space, {"music": library})
        server = uvicorn.Server(uvicorn.Config(app, **options("127.0.0.1", port)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        browser = playwright.chromium.launch(executable_path=executable, args=["--mute-audio"])
        try:
            print("| points | frames a second | ms to draw a frame |")
            print("|---|---|---|")
            for count in arguments.points:
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                shares = np.random.default_rng(0).normal(0.5, 0.15, (count, 2)).clip(0, 1)
                content = (shares * STEPS).astype("<u2").tobytes()
                page.route("**/points", partial(_give, content))
                page.route("**/entries", lambda route: route.fulfill(body=json.dumps([])))
                page.goto(f"http://127.0.0.1:{port}/explore")
                while page.evaluate("() => plane.cloud.size") != count:
                    time.sleep(0.05)
                frames, milliseconds = page.evaluate(MEASURE, arguments.seconds)
                print(f"| {count:,} | {frames:.0f} | {milliseconds:.1f} |")
                page.close()
        finally:
            browser.close()
            server.should_exit = True
            thread.join()


if __name__ == "__main__":
    main()
