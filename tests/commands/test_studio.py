"""``va-space studio`` as users start and end it."""

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


def test_it_starts_answers_and_leaves_nothing_behind(tiny_model, music, tmp_path):
    pytest.importorskip("uvicorn", reason="needs the extra studio")
    index(VASpace.from_pretrained(tiny_model, device="cpu", precision="fp32"), music, tmp_path / "songs")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "temporary").mkdir()
    words = ["studio", "--library", tmp_path / "songs", "--model", tiny_model, "--device", "cpu",
             "--precision", "fp32", "--port", port, "--token-file", tmp_path / "token"]  # fmt: skip
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(va_space.__file__).parents[1]),
        "TMPDIR": str(tmp_path / "temporary"),
        "VA_SPACE_FEEDBACK": str(tmp_path / "ratings.sqlite3"),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "va_space", *map(str, words)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + 120
        while True:
            try:
                assert ask(f"{url}/health")[0] == 200
                break
            except OSError:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < end
                time.sleep(0.2)
        token = (tmp_path / "token").read_text().strip()
        assert ask(f"{url}/api/libraries")[0] == 401
        assert ask(f"{url}/api/libraries", token) == (200, b'[{"name":"songs","entries":12}]')
        assert len(list((tmp_path / "temporary").glob("va-space-studio-*"))) == 1
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait(30) in (0, 130, -signal.SIGINT)
    assert f"Open {url}/ in a browser" in said
    assert token not in said
    assert list((tmp_path / "temporary").glob("va-space-studio-*")) == []
