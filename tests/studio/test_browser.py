"""Every tab in Chromium, with real files: it does its job, by mouse and keyboard, wide and narrow."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from browser import Tab, open_chromium
from PIL import Image
from studio_server import serving
from videos import make_video

from va_space.feedback import Feedback
from va_space.studio.app import create_app

pytestmark = pytest.mark.slow

TABS = ("/", "/explore", "/restyle", "/compose", "/soundtrack", "/paint", "/api", "/login")


@pytest.fixture(scope="module")
def chromium():
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """Files that a visitor chooses."""
    pytest.importorskip("scenedetect", reason="needs the extra video")
    folder = tmp_path_factory.mktemp("chosen")
    Image.fromarray(np.full((120, 160, 3), (200, 120, 60), np.uint8)).save(folder / "rose.png")
    Image.fromarray(np.full((120, 160, 3), (30, 60, 160), np.uint8)).save(folder / "sea.jpg")
    time = np.arange(3 * 8000) / 8000
    soundfile.write(
        folder / "song.wav", 0.4 * np.sin(2 * np.pi * 330 * time) * (1 + np.sin(9 * time)) / 2, 8000
    )
    make_video(folder / "film.mp4", [(200, 40, 40)] * 15 + [(40, 40, 200)] * 15, size=(64, 48))
    return folder


@pytest.fixture(scope="module")
def server(relative_space, library, tmp_path_factory):
    store = Feedback(tmp_path_factory.mktemp("store") / "ratings.sqlite3")
    app = create_app(relative_space, {"music": library}, feedback=store)
    with serving(app) as port:
        yield SimpleNamespace(url=f"http://127.0.0.1:{port}", feedback=store)


@pytest.fixture
def open_tab(chromium, server):
    opened = []

    def make(path, **context):
        tab = Tab(chromium, f"{server.url}{path}", **context)
        tab.page.set_default_timeout(60_000)
        opened.append(tab)
        return tab

    yield make
    for tab in opened:
        assert tab.complaints == []
        assert all(request.startswith((server.url, "blob:")) for request in tab.requests)
        tab.close()


def test_match_plays_and_ranks_anew(open_tab, server, sent):
    page = (tab := open_tab("/")).page
    page.set_input_files("#files", [sent / "rose.png"])  # sent at once
    page.wait_for_selector(".answers[data-revision='1']")
    assert page.locator("h2").first.inner_text() == "rose.png"
    rows = page.locator("tr[data-result]")
    assert rows.count() == 10
    assert page.locator(".why").first.inner_text()
    page.locator(".play").first.click()
    assert tab.playing()["duration"] > 1
    tab.until("document.querySelectorAll('.disc.playing').length === 1")
    page.get_by_role("button", name="livelier").click()
    page.wait_for_selector(".answers[data-revision='2']")
    tab.until("document.activeElement.dataset.steer === 'livelier'")
    assert "Profile me" in page.locator(".profile").inner_text()
    title = rows.nth(4).locator(".titled").inner_text()
    rows.nth(4).locator("input[type=radio][value='5']").check()
    page.wait_for_selector(".answers[data-revision='3']")
    rated = page.locator("tr[data-result]", has=page.get_by_text(title, exact=True))
    assert rated.locator("input[type=radio][value='5']").is_checked()
    assert {rating.stars for rating in server.feedback.ratings()} == {None, 5}
    assert not tab.flaws()
    page.fill("[name=text]", "no such word")
    page.get_by_role("button", name="Search").click()
    assert "no known word" in page.get_by_role("alert").inner_text()
    tab.complaints.clear()  # the browser remarks on every answer that is an error


def test_why_in_a_dialog(open_tab, sent):
    pytest.importorskip("captum", reason="needs the extra explain")
    page = (tab := open_tab("/")).page
    page.set_input_files("#files", [sent / "rose.png"])
    page.wait_for_selector(".answers")
    title = page.locator("tr[data-result] .titled").first.inner_text()
    button = page.get_by_role("button", name=f"Why? {title}")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("heading", name=f"Why {title} for rose.png").wait_for()
    page.wait_for_selector("#why .explained")
    headings = page.locator("#why h3").all_inner_texts()
    assert headings == ["Which words", "Where in rose.png", f"When in {title}", "What would change it"]
    tab.until("[...document.querySelectorAll('#why img')].every(each => each.naturalWidth > 0)")
    assert page.locator("#why .maps img").count() == 3
    sounds = page.locator("#why audio")
    for number in (0, 1):  # one at a time
        sounds.nth(number).evaluate("each => each.play()")
        tab.until(f"document.querySelectorAll('#why audio')[{number}].currentTime > 0")
    tab.until("document.querySelectorAll('#why audio')[0].paused")
    assert page.locator("#why .downloads a").count() == 2
    assert not tab.flaws()
    page.set_viewport_size({"width": 390, "height": 800})
    tab.until("why.scrollWidth <= why.clientWidth")
    assert not tab.flaws("color-contrast", "target-size")
    page.keyboard.press("Escape")
    tab.until("!why.open")
    assert tab.focused() == f"Why? {title}"
    # It is kept while the list is ranked anew.
    page.locator(f"tr[data-result]:has-text('{title}') input[type=radio][value='4']").check()
    page.wait_for_selector(".answers[data-revision='2']")
    page.get_by_role("button", name=f"Why? {title}").click()
    tab.until("why.open && document.querySelector('#why .explained') !== null")
    page.get_by_role("button", name="Close").click()
    tab.until("!why.open")


def test_tabs_come_alive_once_the_library_is_indexed(chromium, relative_space, library):
    gate = threading.Semaphore(0)

    def make(progress):
        for done in (1, 2):
            progress(done, 2)
            assert gate.acquire(timeout=60)
        return library

    with serving(create_app(relative_space, {}, coming={"songs": make})) as port:
        try:
            match, explore = (Tab(chromium, f"http://127.0.0.1:{port}{path}") for path in ("/", "/explore"))
            for tab in (match, explore):
                tab.page.set_default_timeout(60_000)
                tab.page.get_by_text("Indexing songs: 1 of 2 files").wait_for()
                assert not tab.flaws()
            gate.release()
            match.page.get_by_text("Indexing songs: 2 of 2 files").wait_for()
        finally:
            gate.release(2)
        explore.until("plane.cloud.size === 12")
        match.until("document.querySelector('#libraries select').value === 'songs'")
        assert match.page.locator(".coming").count() == 0
        match.page.fill("[name=text]", "calm")
        match.page.get_by_role("button", name="Search").click()
        match.page.wait_for_selector(".answers")
        for tab in (match, explore):
            assert tab.complaints == []
            tab.close()


def test_match_of_a_track_a_video_and_several_pictures(open_tab, sent):
    page = (tab := open_tab("/")).page
    for files, name in (
        (["song.wav"], "song.wav"),
        (["film.mp4"], "film.mp4"),
        (["rose.png", "sea.jpg"], "Where everything lies"),
    ):
        page.set_input_files("#files", [sent / each for each in files])
        tab.until(f"document.querySelector('#map-title')?.textContent === {name!r}")
    assert page.locator("article.card").count() == 2
    assert not tab.flaws()


def test_explore_by_mouse_and_keyboard(open_tab):
    page = (tab := open_tab("/explore")).page
    tab.until("plane.cloud.size === 12 && document.querySelectorAll('#near li').length > 0")
    assert "12 entries" in page.locator("#counted").inner_text()
    box = page.locator("#plane").bounding_box()
    spot = page.evaluate("[across(plane.cloud.x[0]) / canvas.width, down(plane.cloud.y[0]) / canvas.height]")
    page.mouse.click(box["x"] + spot[0] * box["width"], box["y"] + spot[1] * box["height"])
    tab.until("!player.paused && !tip.hidden")
    page.mouse.wheel(0, -300)
    tab.until("plane.view.span < 1")
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_role("button", name="Lasso").click()
    corners = [(0.02, 0.02), (0.98, 0.02), (0.98, 0.9), (0.02, 0.9)]
    page.mouse.move(box["x"] + 0.02 * box["width"], box["y"] + 0.02 * box["height"])
    page.mouse.down()
    for x, y in corners:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
    page.mouse.up()
    tab.until("document.getElementById('near-title').textContent.startsWith('In the lasso: 1')")
    page.locator("#plane").focus()
    for key in ("Escape", "+", "ArrowRight", "-"):
        page.keyboard.press(key)
    tab.until("plane.chosen === null")
    page.evaluate("player.pause()")
    page.keyboard.press("Enter")
    tab.until("!player.paused")
    page.locator("#near .play").first.click()
    assert not tab.flaws()


def test_restyle(open_tab, sent):
    page = (tab := open_tab("/restyle")).page
    page.set_input_files("#picture", sent / "rose.png")
    page.set_input_files("#music", sent / "song.wav")
    for number, word in enumerate(("serene", "tense", "0.9,0.9")):
        page.locator("[name=text]").nth(number).fill(word)
    page.locator("[name=strength]").fill("0.2")
    assert page.locator("#strength-said").inner_text() == "0.2"
    page.get_by_role("button", name="Restyle").click()
    page.wait_for_selector(".look >> nth=3")
    tab.until("[...document.querySelectorAll('.compare img')].every(each => each.naturalWidth === 160)")
    page.locator(".compare input").first.focus()
    for key in ("End", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    assert page.locator(".compare").first.evaluate("each => each.style.getPropertyValue('--at')") == "98%"
    page.locator(".compare input").last.click(position={"x": 5, "y": 50})
    assert int(page.locator(".compare input").last.input_value()) < 10
    assert page.get_by_role("link", name="rose-4.cube").count() == 1
    assert not tab.flaws()


def test_compose_and_cancel(open_tab, sent):
    page = (tab := open_tab("/compose")).page
    page.fill("[name=text]", "serene")
    page.fill("[name=seconds]", "60")
    page.select_option("[name=candidates]", "400")
    page.get_by_role("button", name="Compose").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled.").wait_for()
    page.fill("[name=seconds]", "4")
    page.select_option("[name=candidates]", "24")
    page.get_by_role("button", name="Compose").click()
    page.wait_for_selector(".roll >> nth=1")
    page.locator(".take audio").first.evaluate("each => each.play()")
    tab.until("document.querySelector('.take audio').currentTime > 0.1")
    assert page.get_by_role("link", name="va-space-take-2.mid").count() == 1
    assert not tab.flaws()


def test_soundtrack(open_tab, sent):
    page = (tab := open_tab("/soundtrack")).page
    page.set_input_files("#video", sent / "film.mp4")
    page.fill("[name=shortest]", "1")
    page.fill("[name=longest]", "2")
    page.get_by_role("button", name="Make the soundtrack").click()
    page.wait_for_selector("video")
    tab.until("document.querySelector('video').duration > 2.5")
    assert page.get_by_role("link", name="film.edl").count() == 1
    assert not tab.flaws()


def test_paint(open_tab, sent):
    page = (tab := open_tab("/paint")).page
    page.set_input_files("#track", sent / "song.wav")
    page.select_option("[name=size]", "small")
    page.fill("[name=takes]", "1")
    page.get_by_role("button", name="Paint").click()
    page.wait_for_selector(".look img")
    tab.until("document.querySelector('.look img').naturalWidth === 640")
    assert not tab.flaws()


def test_every_page_is_whole_for_everyone(open_tab, server):
    wide, narrow = (
        open_tab(TABS[0]),
        open_tab(TABS[0], color_scheme="dark", viewport={"width": 360, "height": 700}),
    )
    for path in TABS:
        for tab, width in ((wide, 1280), (narrow, 360)):
            tab.page.goto(f"{server.url}{path}")
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert wide.page.title().endswith(" · va-space studio")
        assert not wide.flaws(), path
        # What is not a matter of size or colour has been looked at.
        assert not narrow.flaws("color-contrast", "target-size"), path
        narrow.page.keyboard.press("Tab")
        # Where the token is asked for, its field has the focus at first.
        assert narrow.focused() == ("Enter" if path == "/login" else "Skip to the content")


def test_no_foreign_script_runs(open_tab):
    tab = open_tab("/")
    tab.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b id=x onclick=\"hacked=1\">x</b>')")
    tab.page.locator("#x").click()
    assert tab.page.evaluate("window.hacked") is None
    assert any("Content Security Policy" in complaint for complaint in tab.complaints)
    tab.complaints.clear()
