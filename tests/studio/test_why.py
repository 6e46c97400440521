"""Why a result answers, by the API."""

import json
import threading
import time

import pytest
from starlette.testclient import TestClient
from studio_uploads import png

from va_space.retrieval.index import index
from va_space.studio.app import create_app
from va_space.studio.jobs import Job, Made
from va_space.studio.settings import Settings

pytest.importorskip("captum", reason="needs the extra explain")


@pytest.fixture
def ask(client):
    """Asks why, waits, and returns the job, the JSON and the page."""

    def run(found, **which):
        fields = {"revision": found["revision"], "answer": 1, "rank": 1, **which}
        begun = client.post(f"/api/match/{found['id']}/why", data=fields)
        assert begun.status_code == 202, begun.text
        job, end = begun.json(), time.monotonic() + 60
        while job["state"] in ("waiting", "running"):
            assert time.monotonic() < end
            time.sleep(0.02)
            job = client.get(f"/api/jobs/{job['id']}").json()
        assert job["state"] == "done", job
        files = {file["name"].rpartition(".")[2]: client.get(file["url"]).text for file in job["files"]}
        return job, json.loads(files["json"]), client.get(f"/jobs/{job['id']}").text, files["html"]

    return run


def test_a_picture_and_its_track(search, ask):
    found = search(("moon <b>.png", png()))
    title = found["answers"][0]["results"][0]["title"]
    job, told, part, page = ask(found)
    picture, track = told["explanations"]
    assert (picture["name"], track["name"]) == ("moon <b>.png", title)
    assert [each["name"] for each in picture["explained"]] == [title, "valence", "arousal"]
    assert [each["name"] for each in track["explained"]] == ["moon <b>.png", "valence", "arousal"]
    assert all(len(each["map"]) == 10 for each in picture["explained"])
    assert picture["changes"][0]["words"]
    assert all(each["starts"] for each in track["explained"])
    assert told["notes"] == []
    for text in (part, page):
        for heading in ("Where in moon", f"When in {title}", "Which words", "What would change it"):
            assert heading in text
        assert "<b>.png" not in text
        assert text.count("<polyline") == 3
        assert text.count('src="data:image/jpeg') == 4
    assert part.count("<html") == 0 < page.count("<html")
    assert ask(found)[0]["id"] == job["id"]  # it is kept
    assert ask(found, rank=2)[0]["id"] != job["id"]


@pytest.mark.parametrize(
    ("asked", "note"),
    [({"text": "serene"}, "serene is a feeling"), ({"text": "0.8,0.3"}, "0.8,0.3 is a feeling")],
)
def test_what_has_no_places_is_said(search, ask, asked, note):
    _, told, part, _ = ask(search(**asked))
    assert told["notes"][0].startswith(note)
    assert note in part
    assert len(told["explanations"]) == 1
    assert "Where in" not in part
    assert "When in" in part


def test_several_as_one_and_a_track_that_was_sent(search, ask, wav):
    files = ("a.png", png((255, 0, 0))), ("b.png", png((0, 0, 255)))
    assert "mean of several pictures" in ask(search(*files, together=True))[1]["notes"][0]
    assert "not kept" in ask(search(("song.wav", wav)))[1]["notes"][0]


def test_a_picture_that_was_found(relative_space, wav, tmp_path):
    for name, colour in (("rose", (200, 40, 90)), ("sea", (20, 60, 160))):
        (tmp_path / f"{name}.png").write_bytes(png(colour))
    album = index(relative_space, tmp_path, tmp_path / "album", kind="pictures").library
    app = create_app(relative_space, {"album": album})
    with TestClient(app, base_url="http://localhost:8765") as client:
        page = client.post("/match", files={"files": ("song.wav", wav)}, headers={"HX-Request": "true"}).text
        assert page.count('class="ask-why"') == 2
        question = page.partition('data-question="')[2][:32]
        values = {"revision": 1, "answer": 1, "rank": 1}
        job = client.post(f"/api/match/{question}/why", data=values).json()
        end = time.monotonic() + 60
        while job["state"] in ("waiting", "running"):
            assert time.monotonic() < end
            time.sleep(0.02)
            job = client.get(f"/api/jobs/{job['id']}").json()
        part = client.get(f"/jobs/{job['id']}").text
    assert "Where in" in part
    assert "What would change it" in part
    assert "song.wav: its file is not kept" in part
    assert "When in" not in part


def test_what_cannot_be_asked(client, search):
    found = search(text="calm")
    values = {"revision": 1, "answer": 1, "rank": 1}
    for path in ("none", "..%2f..", "%00", found["id"] + "0", "'%20or%201"):
        assert client.post(f"/api/match/{path}/why", data=values).status_code == 404
    for wrong in ({"revision": 9}, {"answer": 0}, {"answer": -1}, {"rank": 99}, {"rank": 0}):
        assert client.post(f"/api/match/{found['id']}/why", data={**values, **wrong}).status_code == 404
    for wrong in ({"rank": "x"}, {"rank": ""}, {"answer": "1e9999"}):
        assert client.post(f"/api/match/{found['id']}/why", data={**values, **wrong}).status_code == 422
    assert list(client.app.state.studio.workspace.root.iterdir()) == []


def test_a_result_whose_file_is_gone(client, search):
    found = search(text="calm")
    question = client.app.state.studio.questions[found["id"]]
    _, result = question.result(1, 1, 1)
    moved = result.path.rename(result.path.with_suffix(".away"))
    try:
        answer = client.post(f"/api/match/{found['id']}/why", data={"revision": 1, "answer": 1, "rank": 1})
        assert answer.status_code == 404
        assert "file is gone" in answer.json()["detail"]
    finally:
        moved.rename(result.path)


def test_it_waits_in_the_line_and_can_be_cancelled(make_client):
    client = make_client(settings=Settings(long_jobs=1))
    studio, free = client.app.state.studio, threading.Event()

    def wait(job):
        free.wait(60)
        return Made([])

    try:
        blocking = Job("test", "A long one", studio.workspace.new_folder())
        studio.jobs.submit(blocking, wait)
        found = client.post("/api/match", data={"text": "calm"}).json()
        address, values = f"/api/match/{found['id']}/why", {"revision": 1, "answer": 1, "rank": 1}
        job = client.post(address, data=values).json()
        assert (job["state"], job["title"][:4]) == ("waiting", "Why ")
        assert client.delete(f"/api/jobs/{job['id']}").json()["state"] == "cancelled"
        again = client.post(address, data=values).json()
        assert (again["state"], again["id"] == job["id"]) == ("waiting", False)
        client.delete(f"/api/jobs/{again['id']}")
    finally:
        free.set()


def test_the_page_without_scripts(client, search):
    found = search(text="calm")
    page = client.post(f"/match/{found['id']}/why", data={"revision": 1, "answer": 1, "rank": 1})
    assert page.status_code == 202
    assert "<html" in page.text
    assert 'class="job"' in page.text
