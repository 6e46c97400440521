"""Pictures indexed and searched from the command line."""

import json

import pytest
from videos import looked_at


@pytest.fixture
def run(va_space, tiny_space, monkeypatch):
    """Run a command with the small model, which is loaded once for all tests."""
    for verb in ("index", "search"):
        monkeypatch.setattr(f"va_space.commands.{verb}.open_space", lambda *options: tiny_space)
    return va_space


@pytest.fixture
def album(run, media, tmp_path):
    done = run("index", media, "--kind", "pictures", "-o", tmp_path / "album")
    assert done.returncode == 0, done.stderr
    assert "2 added" in done.stderr
    assert "2 pictures in" in done.stderr
    assert "va-space search TRACK" in done.stderr
    return tmp_path / "album"


def test_an_album_stays_one(run, media, album):
    (media / "a.png").unlink()
    again = run("index", media, "-o", album)
    assert again.returncode == 0, again.stderr
    assert "0 added, 1 there already, 1 gone" in again.stderr
    assert "1 pictures whose file is gone (such as a.png) stay" in again.stderr
    refused = run("index", media, "-o", album, "--kind", "music")
    assert refused.returncode == 2
    assert "a library of pictures, and one of music is wanted" in refused.stderr
    rebuilt = run("index", media, "-o", album, "--rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "2 pictures have to be read" in rebuilt.stderr


@pytest.mark.parametrize("query", ["c.wav", "a.png", "0.8,0.3", "serene"])
def test_every_kind_of_query(run, media, album, query):
    path = media / query
    found = run("search", path if path.exists() else query, "-l", album, "--json", "--explain")
    rows = json.loads(found.stdout)
    assert {row["path"] for row in rows} == {str(media / "a.png"), str(media / "b.jpg")}
    assert all((row["width"], row["height"]) == (60, 40) for row in rows)
    assert not {"start", "duration", "artist"} & set(rows[0])


def test_tables_and_pages(run, media, album, tmp_path):
    page = tmp_path / "page.html"
    found = run("search", media / "c.wav", media / "d.flac", "--each", "-l", album, "--report", page)
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[0].split("\t")[-3:] == ["size", "title", "path"]
    assert page.read_text().count('<ol class="wall"') == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--genre", "jazz"], "--genre"),
        (["--min-duration", "3"], "--min-duration"),
        (["--clip", "3"], "--clip"),
        (["--m3u", "list.m3u8"], "--m3u"),
        (["--video", "show.mp4"], "--video"),
        (["--video", "show.gif", "--story"], "videos end with"),
    ],
)
def test_what_pictures_do_not_have(run, media, album, options, said):
    found = run("search", media / "c.wav", "-l", album, *options)
    assert found.returncode == 2
    assert said in found.stderr
    assert not list(media.glob("show*"))


@pytest.mark.parametrize("queries", [["serene"], ["c.wav", "d.flac"]])
def test_a_story_follows_one_track(run, media, album, queries):
    found = run(
        "search", *(media / each if "." in each else each for each in queries), "--story", "-l", album
    )
    assert found.returncode == 2
    assert "follows one track" in found.stderr


def test_a_story_as_a_slide_show(run, media, album, tmp_path):
    video, page = tmp_path / "show.mp4", tmp_path / "show.html"
    options = "--clip", 1, "--video", video, "--report", page, "--json"
    found = run("search", media / "c.wav", "--story", "-l", album, *options)
    assert found.returncode == 0, found.stderr
    rows = json.loads(found.stdout)
    assert len(rows) >= 3
    assert rows[-1]["start"] + rows[-1]["length"] == pytest.approx(2.5, abs=0.05)
    assert len(looked_at(video)) == pytest.approx(62, abs=2)
    assert 'data-from="0.0"' in page.read_text()


def test_music_has_no_slide_show(run, media, tmp_path):
    assert run("index", media, "-o", tmp_path / "library").returncode == 0
    found = run(
        "search", media / "a.png", "--story", "-l", tmp_path / "library", "--video", tmp_path / "s.mp4"
    )
    assert found.returncode == 2
    assert "a slide show is made of pictures" in " ".join(found.stderr.split())
