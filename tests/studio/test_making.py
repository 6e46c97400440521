"""The tabs that make something, by the API."""

import io
import json
import time

import numpy as np
import pytest
import soundfile
from PIL import Image
from studio_uploads import png


@pytest.fixture
def make(client, studio_folder):
    """Has something made, and returns the job and the contents of its files by name."""

    def run(kind, files=None, data=None, state="done"):
        begun = client.post(f"/api/{kind}", files=files, data=data)
        assert begun.status_code == 202, begun.text
        job, end = begun.json(), time.monotonic() + 120
        while job["state"] in ("waiting", "running"):
            assert time.monotonic() < end
            time.sleep(0.05)
            job = client.get(f"/api/jobs/{job['id']}").json()
        assert job["state"] == state, job
        found = {file["name"]: client.get(file["url"]).content for file in job["files"]}
        page = client.get(f"/jobs/{job['id']}")
        assert page.headers["hx-retarget"] == f"#job-{job['id']}"
        for folder in studio_folder(client).iterdir():  # what was sent is there no more
            assert all("." in path.name for path in folder.iterdir())
        return job, found, page.text

    return run


def test_restyle(make, wav):
    files = [("picture", ("rose.png", png(size=(64, 48)))), ("music", ("song.wav", wav))]
    job, found, page = make("restyle", files, {"text": ["serene", "", "0.2,0.8"], "strength": 0.1})
    assert job["title"] == "rose.png, restyled"
    assert [name for name in found if name.endswith(".jpg")] == ["rose-1.jpg", "rose-2.jpg", "rose-3.jpg"]
    assert Image.open(io.BytesIO(found["rose-1.jpg"])).size == (64, 48)
    facts = json.loads(found["rose-1.json"])
    assert (facts["target"], facts["strength"], facts["seed"]) == ("song.wav", 0.1, 0)
    assert found["rose-2.cube"].startswith(b"TITLE")
    assert page.count('class="compare"') == 3


def test_a_video_follows_a_track(make, wav):
    pytest.importorskip("av", reason="needs the extra av")
    pytest.importorskip("librosa", reason="needs the extra video")
    files = [("picture", ("rose.png", png(size=(64, 48)))), ("music", ("song.wav", wav))]
    _, found, page = make("restyle", files, {"as_video": True, "preview": True, "strength": 0.1})
    assert found["rose.mp4"][4:8] == b"ftyp"
    assert "<video" in page


def test_compose(make):
    fields = {"text": "serene\ntense", "seconds": 4, "takes": 2, "candidates": 3, "seed": 5, "format": "ogg"}
    job, found, page = make("compose", files=[("files", ("a.png", png()))], data=fields)
    assert job["title"] == "Music for a.png, then serene, then tense"
    sound, rate = soundfile.read(io.BytesIO(found["va-space-take-1.ogg"]))
    assert len(sound) / rate == pytest.approx(4, abs=0.1)
    assert found["va-space-take-2.mid"].startswith(b"MThd")
    assert json.loads(found["va-space-take-1.json"])["seed"] == 5
    assert page.count('class="roll"') == 2
    again = make("compose", files=[("files", ("a.png", png()))], data=fields)[1]
    assert again["va-space-take-1.mid"] == found["va-space-take-1.mid"]


def test_soundtrack(make, tmp_path):
    pytest.importorskip("scenedetect", reason="needs the extra video")
    from videos import make_video

    colours = np.repeat([(200, 40, 40), (40, 40, 200)], 15, axis=0)
    video = make_video(tmp_path / "film.mp4", list(colours)).read_bytes()
    _, found, page = make(
        "soundtrack", [("video", ("film.mp4", video))], {"shortest": 1, "longest": 2, "fade": 0.5}
    )
    assert set(found) == {"film.mp4", "film.json", "film.edl"}
    sheet = json.loads(found["film.json"])
    assert (sheet["video"], sheet["output"]) == ("film.mp4", "film.mp4")
    assert "<video" in page


def test_paint(make, wav):
    pytest.importorskip("librosa", reason="needs the extra tags")
    _, found, page = make(
        "paint", [("track", ("song.wav", wav))], {"size": "small", "takes": 1, "format": "jpg"}
    )
    assert Image.open(io.BytesIO(found["song-1.jpg"])).size == (640, 640)
    assert json.loads(found["song-1.json"])["seed"] is not None
    assert "/1280.jpg" in page


def test_what_cannot_be_made_is_said(client, make, wav):
    def refused(kind, files=None, data=None):
        answer = client.post(f"/api/{kind}", files=files, data=data)
        assert answer.status_code == 422
        return answer.json()["detail"]

    picture, track = ("picture", ("a.png", png())), ("music", ("s.wav", wav))
    assert "1 to 4" in refused("restyle", [picture])
    assert "1 to 4" in refused("restyle", [picture], {"text": ["calm"] * 5})
    assert "s.wav: a music" in refused("restyle", [("picture", ("s.wav", wav))], {"text": "calm"})
    assert "one track" in refused("restyle", [picture], {"as_video": True, "text": "calm"})
    assert "nothing to compose" in refused("compose", data={"text": " "})
    assert "a video is expected" in refused("soundtrack", [("video", ("a.png", png()))])
    assert "a.png: a picture" in refused("paint", [("track", ("a.png", png()))])
    job, _, page = make("restyle", [picture], {"text": "zzzz"}, state="failed")
    assert "no known word" in job["complaint"]
    assert 'role="alert"' in page
    assert track


def test_jobs_are_watched_and_ended(client):
    begun = client.post(
        "/compose", data={"text": "calm", "seconds": 60, "candidates": 400}, headers={"HX-Request": "true"}
    )
    assert begun.status_code == 202
    assert "<progress" in begun.text
    id = begun.text.partition('id="job-')[2][:32]
    bar = client.get(f"/jobs/{id}")
    assert "<h2" not in bar.text
    assert "hx-retarget" not in bar.headers
    client.post(f"/jobs/{id}/cancel")
    end = time.monotonic() + 60
    while client.get(f"/api/jobs/{id}").json()["state"] != "cancelled":
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "Cancelled." in client.get(f"/jobs/{id}").text
    assert client.delete("/api/jobs/none").status_code == 404
