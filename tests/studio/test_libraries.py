"""Libraries that are indexed while the server answers."""

import threading
import time

import pytest

from va_space.errors import LibraryError
from va_space.studio.app import create_app
from va_space.studio.settings import Settings


@pytest.fixture
def slow(library):
    """Makes a library of three files, each when it is told; and the gate that tells it."""
    gate = threading.Semaphore(0)

    def make(progress):
        for done in range(1, 4):
            assert gate.acquire(timeout=20)
            progress(done, 3)
        return library

    return make, gate


@pytest.fixture
def begin(relative_space):
    """Starts studios; all are closed at the end."""
    from starlette.testclient import TestClient

    opened = []

    def run(**coming):
        app = create_app(relative_space, {}, settings=Settings(), coming=coming)
        client = TestClient(app, base_url="http://localhost:8765", raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return client

    yield run
    for client in opened:
        client.__exit__(None, None, None)


def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_it_answers_at_once_and_the_library_comes_alive(begin, slow):
    make, gate = slow
    client = begin(music=make)
    (told,) = client.get("/api/libraries").json()
    assert told == {"name": "music", "entries": 0, "ready": False, "share": 0.0, "complaint": ""}
    answer = client.post("/api/match", data={"text": "calm"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Indexing music: beginning" in answer.json()["detail"]
    for path in ("/", "/explore", "/soundtrack"):
        page = client.get(path)
        assert page.status_code == 200
        assert "Indexing music" in page.text
    gate.release()
    until(lambda: client.get("/api/libraries").json()[0]["share"] == pytest.approx(1 / 3))
    bar = client.get("/libraries?coming=1")
    assert "1 of 3 files" in bar.text
    assert 'value="1"' in bar.text
    assert "hx-retarget" not in bar.headers
    gate.release(2)
    until(lambda: client.get("/api/libraries").json()[0]["ready"])
    whole = client.get("/libraries?coming=1&library=music")
    assert whole.headers["hx-retarget"] == "#libraries"
    assert "<option selected>music</option>" in whole.text
    assert "hx-get" not in whole.text
    found = client.post("/api/match", data={"text": "calm", "count": 1}).json()
    sound = found["answers"][0]["results"][0]["sound"].partition("#")[0]
    assert client.get(sound).status_code == 200
    assert client.get("/api/libraries/music/points").status_code == 200


def test_one_that_fails_says_why_and_the_next_comes(begin, library, tmp_path):
    def broken(progress):
        raise LibraryError(f"{tmp_path}: no room")

    def bug(progress):
        raise ZeroDivisionError

    client = begin(first=broken, second=bug, music=lambda progress: library)
    until(lambda: any(each["ready"] for each in client.get("/api/libraries").json()))
    told = {each["name"]: each for each in client.get("/api/libraries").json()}
    assert told["first"]["complaint"] == f"{tmp_path.name}: no room"
    assert "Zero" not in told["second"]["complaint"]
    assert client.post("/api/match", data={"text": "calm", "library": "first"}).status_code == 503
    assert client.post("/api/match", data={"text": "calm"}).status_code == 200
    page = client.get("/").text
    assert "first could not be indexed" in page
    assert "every 1s" not in page


def test_it_is_interrupted_after_the_file_that_is_being_read(begin, slow):
    make, gate = slow
    client = begin(music=make)
    libraries = client.app.state.studio.libraries
    threading.Timer(0.1, gate.release).start()
    libraries.close()
    assert len(libraries) == 0
    assert not libraries._thread.is_alive()
