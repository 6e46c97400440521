"""Match: what is sent is answered, rated, and removed."""

import pytest
from studio_uploads import png
from videos import make_video

from va_space.feedback import Feedback
from va_space.studio.errors import Refused
from va_space.studio.matching import read_text
from va_space.targets import TextTarget


def test_a_picture_finds_music(search, library):
    found = search(("moon.png", png()))
    (answer,) = found["answers"]
    assert answer["name"] == "moon.png"
    assert [result["rank"] for result in answer["results"]] == [1, 2, 3]
    assert answer["relative"]
    assert all(0 <= result["valence_percentile"] <= 1 for result in answer["results"])
    assert all(result["why"] and result["sound"].startswith("/media/") for result in answer["results"])


def test_a_track_finds_itself(search, wav):
    found = search(("song", wav))
    assert found["answers"][0]["results"][0]["title"] == "03"


def test_several_are_answered_one_by_one_or_together(search):
    files = ("a.png", png((255, 0, 0))), ("b.png", png((0, 0, 255)))
    assert [each["name"] for each in search(*files)["answers"]] == ["a.png", "b.png"]
    assert [each["name"] for each in search(*files, together=True)["answers"]] == ["a.png, b.png"]


def test_words_and_points(search):
    assert search(text="serene")["answers"][0]["valence"] > 0.5
    assert search(text="0.9,0.2")["answers"][0]["valence"] == pytest.approx(0.9)


def test_a_text_is_never_a_path(client, files):
    answer = client.post("/api/match", data={"text": str(files[0])})
    assert answer.status_code == 422
    assert "no known word" in answer.json()["detail"]


def test_a_mistyped_word_is_no_text(text_space):
    with pytest.raises(Refused, match="do you mean lonely"):
        read_text(text_space, "lonly")
    assert isinstance(read_text(text_space, "a lonly evening"), TextTarget)


def test_a_video_is_read_by_its_pictures(search, tmp_path):
    pytest.importorskip("av", reason="needs the extra av")
    path = make_video(tmp_path / "clip.mp4", [(200, 40, 40)] * 12 + [(40, 40, 200)] * 12)
    answer = search(("clip.mp4", path.read_bytes()))["answers"][0]
    assert answer["name"] == "clip.mp4"
    assert len(answer["results"]) == 3


def test_nothing_and_unknown_libraries_are_refused(client):
    assert client.post("/api/match").status_code == 422
    assert client.post("/api/match", data={"text": "calm", "library": "../x"}).status_code == 404
    assert client.post("/api/match", data={"text": "calm", "count": 0}).status_code == 422


def test_what_is_wrong_with_a_file_is_said_by_its_own_name(client):
    for content in (b"no picture", png(size=(64, 64))[:90]):
        answer = client.post("/api/match", files={"files": ("../mine.png", content)})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("mine.png: ")


def test_uploads_are_removed(client, search, studio_folder):
    search(("moon.png", png()))
    client.post("/api/match", files={"files": ("x.png", b"no picture")})
    assert list(studio_folder(client).iterdir()) == []


def test_words_rank_anew_at_once_and_are_kept(client, search, tmp_path):
    first = search(text="0.5,0.5", count=12)
    before = [result["arousal_percentile"] for result in first["answers"][0]["results"]]
    values = {"revision": first["revision"], "answer": 1, "rank": "1,2,3", "word": "calmer"}
    second = client.post(f"/api/match/{first['id']}/rating", data=values).json()
    assert second["revision"] == 2
    after = [result["arousal_percentile"] for result in second["answers"][0]["results"]]
    assert sum(after[:3]) < sum(before[:3])
    kept = Feedback(tmp_path / "ratings.sqlite3").ratings()
    assert [rating.words for rating in kept] == [("calmer",)] * 3
    stars = client.post(
        f"/api/match/{first['id']}/rating", data={**values, "rank": 1, "word": "", "stars": 5}
    )
    assert stars.json()["revision"] == 3


def test_ratings_of_what_is_not_shown_are_refused(client, search):
    found = search(text="calm")
    address = f"/api/match/{found['id']}/rating"
    values = {"revision": 1, "answer": 1, "rank": 1, "stars": 4}
    assert client.post(address, data={**values, "rank": 40}).status_code == 404
    assert client.post(address, data={**values, "revision": 9}).status_code == 404
    assert client.post(address, data={**values, "stars": 6}).status_code == 422
    assert client.post(address, data={**values, "stars": "", "word": "purple"}).status_code == 422
    assert client.post("/api/match/nothing/rating", data=values).status_code == 404


def test_a_studio_without_ratings(make_client):
    client = make_client(feedback=None)
    found = client.post("/api/match", data={"text": "calm"}).json()
    values = {"revision": 1, "answer": 1, "rank": 1, "stars": 4}
    assert client.post(f"/api/match/{found['id']}/rating", data=values).status_code == 409
    page = client.post("/match", data={"text": "calm"}, headers={"HX-Request": "true"}).text
    assert "data-rate" not in page


def test_the_page_with_and_without_scripts(client):
    whole = client.post("/match", data={"text": "calm"}).text
    part = client.post("/match", data={"text": "calm"}, headers={"HX-Request": "true"}).text
    assert "<html" in whole
    assert "<html" not in part
    for text in (whole, part):
        assert 'class="plane single"' in text
        assert text.count("data-result=") == 20  # a row and a disc of each of ten
    wrong = client.post("/match", data={"text": "<b>"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text
    assert "<b>" not in wrong.text
