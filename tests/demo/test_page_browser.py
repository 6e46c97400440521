"""The demo's page in a browser; tests/retrieval/test_report_browser.py has what all reports do."""

import pytest
from browser import Tab, open_chromium

from va_space.demo.music import clips
from va_space.demo.photographs import PHOTOGRAPHS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def chromium():
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def tab(chromium, demo):
    tab = Tab(chromium, demo.page)
    yield tab
    tab.close()
    assert tab.complaints == []
    assert all(request.startswith(demo.page.parent.as_uri()) for request in tab.requests)


def test_pictures_are_shown_and_matches_play(tab):
    shown = tab.page.locator("article img")
    assert shown.count() == len(PHOTOGRAPHS)
    assert all(
        shown.nth(each).evaluate("image => image.naturalWidth") > 300 for each in range(len(PHOTOGRAPHS))
    )
    play = tab.page.locator("article .play").first
    play.click()
    playing = tab.playing()
    assert "Pause" in play.get_attribute("aria-label")
    assert "/music/" in playing["source"]
    assert playing["duration"] > 14


def test_every_clip_has_a_player_in_the_list_of_music(tab):
    tab.page.get_by_text("All the music, and where").click()
    players = tab.page.get_by_role("region", name="All the music").get_by_role("button")
    assert players.count() == len(clips())
    players.last.click()
    tab.playing()


def test_a_dot_plays(tab):
    # By an event: with random weights dots may lie under one another.
    tab.page.locator(".track").first.dispatch_event("click")
    tab.playing()
    assert "playing" in tab.page.locator(".track").first.get_attribute("class")


def test_picture_in_the_plane_shows_its_music(tab, demo):
    found = tab.page.locator("a.query").nth(1)
    names = found.locator(".names")
    assert names.evaluate("each => getComputedStyle(each).opacity") == "0"
    found.focus()
    tab.until("getComputedStyle(document.querySelectorAll('.names')[1]).opacity === '1'")
    listed = names.locator("text").all_text_contents()
    best = [row["music"] for row in demo.rows if row["picture"] == PHOTOGRAPHS[1].title]
    assert len(listed) == len(best) + 1
    for line, title in zip(listed, best, strict=False):
        assert line.split("  ")[1].rstrip("…") in title
    tab.page.keyboard.press("Enter")
    tab.until("location.hash === '#query-2'")


def test_nothing_that_axe_objects_to(tab):
    for summary in tab.page.locator("summary").all():
        summary.click()
    assert tab.flaws() == []


def test_fits_a_telephone(chromium, demo):
    tab = Tab(chromium, demo.page, viewport={"width": 360, "height": 700})
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 360
    tab.close()
