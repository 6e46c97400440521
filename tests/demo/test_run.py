"""The page that the demo writes, read back as a browser would."""

import json
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from pages import Page
from PIL import Image

from va_space.demo.music import clips
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.demo.run import run_demo
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.search import search

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(demo):
    return Page(demo.page.read_text(encoding="utf-8"))


def test_photographs_come_with_the_packages():
    assert len(PHOTOGRAPHS) >= 8
    for photo in PHOTOGRAPHS:
        with Image.open(photo.path) as image:
            assert min(image.size) >= 300
        assert photo.description.endswith(".")
        assert photo.credit


def test_every_reference_is_a_file_or_a_place_in_the_page(demo, page):
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    references = [
        attributes[name]
        for _, attributes in page.elements
        for name in ("src", "href", "poster", "srcset")
        if name in attributes
    ]
    assert len(references) >= 3 * len(PHOTOGRAPHS)
    for reference in references:
        assert reference.startswith("data:image/jpeg;base64,") or reference[1:] in ids
    sounds = page.sounds()
    assert {attributes["data-sound"] for _, attributes in page.elements if "data-sound" in attributes} == set(
        sounds
    )
    for sound in sounds.values():
        link = urlsplit(sound)
        assert (link.scheme, link.netloc) == ("", "")
        assert (demo.page.parent / unquote(link.path)).is_file()
        assert link.fragment.startswith("t=0,")
    html = demo.page.read_text(encoding="utf-8")
    assert "http:" not in html
    assert "https:" not in html
    assert "@import" not in html


def test_page_serves_those_who_cannot_see_or_point(page):
    assert page.all("html")[0]["lang"] == "en"
    assert any("width=device-width" in meta.get("content", "") for meta in page.all("meta"))
    assert [image["alt"] for image in page.all("img")] == [photo.description for photo in PHOTOGRAPHS]
    assert len(page.all("h1")) == 1
    for link in page.all("a"):
        assert link.get("aria-label") or link["class"] == "skip"
    for button in page.all("button"):
        assert button.get("aria-label") or "play" not in button.get("class", "")
    labelled = {
        attributes["aria-labelledby"]
        for attributes in page.all("section", "article")
        if "aria-labelledby" in attributes
    }
    assert labelled <= {attributes.get("id") for _, attributes in page.elements}


def test_plane_shows_all_pictures_and_tracks(page):
    sounds = page.sounds()
    tracks = [sounds[group["data-sound"]] for group in page.all("g") if group.get("class") == "track"]
    assert {urlsplit(track).path for track in tracks} == {f"music/{clip.path.name}" for clip in clips()}
    shown = [link for link in page.all("a") if link["class"] == "query"]
    assert [link["aria-label"].partition(",")[0] for link in shown] == [photo.title for photo in PHOTOGRAPHS]
    assert "unpleasant ← valence → pleasant" in page.text


def test_rows_are_what_a_search_finds(demo, tiny_space):
    library = MusicLibrary.open(demo.page.parent / "library")
    assert len(library) == len(clips())
    titles = {clip.path.name: clip.title for clip in clips()}
    assert json.loads(json.dumps(demo.rows)) == demo.rows
    for photo in PHOTOGRAPHS:
        rows = [row for row in demo.rows if row["picture"] == photo.title]
        results = search(tiny_space, library, demo.page.parent / "pictures" / f"{photo.name}.jpg", k=3)
        assert [row["music"] for row in rows] == [titles[result.path.name] for result in results]
        assert [row["rank"] for row in rows] == [1, 2, 3]
        np.testing.assert_allclose(
            [row["score"] for row in rows], [each.score for each in results], atol=1e-4
        )


def test_second_run_gives_the_same_page(demo, tiny_space):
    before = demo.page.read_bytes()
    again = run_demo(demo.page.parent, tiny_space)
    assert again == demo
    assert demo.page.read_bytes() == before
    assert not list(demo.page.parent.rglob(".*"))
