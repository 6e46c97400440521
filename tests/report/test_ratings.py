"""Stars and words on the page: kept, saved as a file, and read back as feedback."""

import json

import numpy as np
import pytest
from browser import Tab, open_chromium
from pages import Page

from va_space.feedback import Item, read_ratings
from va_space.feedback.ratings import text_hash
from va_space.report import Answer, write_report
from va_space.retrieval.results import Result

HOSTILE = "</script><script>window.hacked=1</script>"
CALM = Item(text_hash("calm"), "calm", "feeling", (0.8, 0.2))


def result(rank, title, tmp_path, **known):
    vector = np.eye(4, dtype=np.float32)[rank % 4]
    known = {"percentiles": (0.25, 0.75), "hash": f"{rank:064x}", "vector": vector} | known
    return Result(
        rank=rank,
        score=0.5,
        cosine=0.5,
        valence=0.5,
        arousal=0.5,
        valence_std=None,
        arousal_std=None,
        title=title,
        artist="",
        album="",
        path=tmp_path / "gone.ogg",
        duration=4.0,
        start=1.0,
        length=2.0,
        **known,
    )


@pytest.fixture
def answers(tmp_path):
    results = [
        result(1, "One", tmp_path),
        result(2, HOSTILE, tmp_path),
        result(3, "Unknown", tmp_path, hash=""),
    ]
    return [
        Answer("calm", (0.8, 0.2), results, relative=True, asked=CALM),
        Answer("absolute", (0.8, 0.2), results[:1]),
    ]


def test_only_what_is_known_can_be_rated(answers, tmp_path):
    write_report(tmp_path / "r.html", answers, cloud=[], model="a" * 64, rateable=True)
    page = Page((tmp_path / "r.html").read_text())
    assert [each.get("data-rate") for each in page.all("td") if each.get("class") == "rate"] == [
        "1-1",
        "1-2",
        None,
    ]
    data = json.loads(next(text for attributes, text in page.raw if attributes.get("id") == "rateable"))
    assert set(data["items"]) == {"1-1", "1-2"}
    assert data["items"]["1-2"]["name"] == HOSTILE
    write_report(tmp_path / "r.html", answers, cloud=[], model="a" * 64)
    assert not any(each.get("class") == "rate" for each in Page((tmp_path / "r.html").read_text()).all("td"))


@pytest.mark.slow
def test_ratings_are_kept_and_saved(answers, tmp_path):
    write_report(tmp_path / "r.html", answers, cloud=[], model="a" * 64, rateable=True)
    with open_chromium() as browser:
        tab = Tab(browser, tmp_path / "r.html", accept_downloads=True)
        page = tab.page
        assert page.locator("#save-ratings").is_disabled()
        star = page.locator('[data-rate="1-1"] input[value="4"]')
        star.focus()
        page.keyboard.press("Space")
        page.locator('[data-rate="1-2"] input[value="2"]').check()
        page.locator('[data-rate="1-2"] select').select_option("calmer")
        page.reload()
        assert star.is_checked()
        assert page.locator("#ratings-said").inner_text() == "2 ratings"
        with page.expect_download() as download:
            page.locator("#save-ratings").click()
        download.value.save_as(tmp_path / "ratings.json")
        page.locator('[data-rate="1-2"] input[value="2"]').click()  # taken back
        page.locator('[data-rate="1-2"] select').select_option("")
        assert page.locator("#ratings-said").inner_text() == "1 rating"
        assert page.evaluate("window.hacked") is None
        flaws, complaints = tab.flaws(), tab.complaints
        tab.close()
    assert flaws == complaints == []
    first, second = read_ratings(tmp_path / "ratings.json")
    assert (first.stars, first.words, first.model) == (4, (), "a" * 64)
    assert (first.item.hash, first.item.place) == (f"{1:064x}", (0.25, 0.75))
    np.testing.assert_array_equal(first.item.vector, [0, 1, 0, 0])
    assert (second.stars, second.words, second.item.name) == (2, ("calmer",), HOSTILE)
    assert (second.query.hash, second.query.place) == (CALM.hash, (0.8, 0.2))
