"""``va-space studio`` as users start and end it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import va_space
from va_space.retrieval.index import index
from va_space.space import VASpace

pytestmark = pytest.mark.slow


def ask(url, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture
def start(tiny_model, tmp_path):
    """Starts a studio with the small model and what is asked, and waits until it answers."""
    pytest.importorskip("uvicorn", reason="needs the extra studio")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "temporary").mkdir()
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(va_space.__file__).parents[1]),
        "TMPDIR": str(tmp_path / "temporary"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "VA_SPACE_FEEDBACK": str(tmp_path / "ratings.sqlite3"),
    }
    started = []

    def run(*asked):
        words = ["studio", "--model", tiny_model, "--device", "cpu", "--precision", "fp32", "--port", port]
        process = subprocess.Popen(
            [sys.executable, "-m", "va_space", *map(str, [*words, *asked])],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + 120
        while True:
            try:
                assert ask(f"{url}/health")[0] == 200
                return process, url
            except OSError:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < end
                time.sleep(0.2)

    yield run
    for process in started:
        process.kill()
        process.communicate()


def end_of(process, temporary):
    """What a studio said until it was interrupted; nothing of it is left."""
    assert len(list(temporary.glob("va-space-studio-*"))) == 1
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()
    assert process.wait(30) in (0, 130, -signal.SIGINT)
    assert list(temporary.glob("va-space-studio-*")) == []
    assert "Traceback" not in said
    return said


def test_it_starts_answers_and_leaves_nothing_behind(start, tiny_model, music, tmp_path):
    index(VASpace.from_pretrained(tiny_model, device="cpu", precision="fp32"), music, tmp_path / "songs")
    process, url = start("--library", tmp_path / "songs", "--token-file", tmp_path / "token")
    token = (tmp_path / "token").read_text().strip()
    assert ask(f"{url}/api/libraries")[0] == 401
    status, told = ask(f"{url}/api/libraries", token)
    (songs,) = json.loads(told)
    assert (status, songs["name"], songs["entries"], songs["ready"]) == (200, "songs", 12, True)
    said = end_of(process, tmp_path / "temporary")
    assert f"Open {url}/ in a browser" in said
    assert token not in said


def test_without_a_library_it_answers_while_it_indexes(start, tmp_path):
    process, url = start()
    told = json.loads(ask(f"{url}/api/libraries")[1])
    assert told[0]["name"] == "music"
    assert ask(f"{url}/compose")[0] == 200
    end_of(process, tmp_path / "temporary")  # most likely amid the music
