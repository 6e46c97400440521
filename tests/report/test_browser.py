"""The report in a browser: it looks, plays, sorts and is safe without a network."""

import numpy as np
import pytest
import soundfile
from browser import Tab, open_chromium
from PIL import Image

from va_space.report import Answer, write_report
from va_space.retrieval.results import Result

pytestmark = pytest.mark.slow

RATE = 8000
HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\' &amp;'
TITLES = ["Öde an die Freude", HOSTILE, "Zart 2", "Zart 10"]
SCORES = [0.9, 0.7, 0.8, 0.1]


@pytest.fixture(scope="module")
def chromium():
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six seconds of music each; silence but for the passage from second 2 to 4."""
    folder = tmp_path_factory.mktemp("pages") / "Bilder für ‚uns‘ #1 é音"
    (folder / "Müsik?").mkdir(parents=True)
    time = np.arange(6 * RATE) / RATE
    for number in range(len(TITLES)):
        sound = 0.5 * np.sin(2 * np.pi * (300 + 100 * number) * time) * ((time >= 2) & (time < 4))
        soundfile.write(folder / "Müsik?" / f"{number} 50%.flac", sound, RATE)
    Image.fromarray(np.full((300, 400, 3), (200, 120, 60), np.uint8)).save(folder / "bild.png")
    return folder


@pytest.fixture(scope="module")
def results(folder):
    return [
        Result(
            rank=rank,
            score=score,
            cosine=0.5,
            valence=0.3 + 0.1 * rank,
            arousal=0.6,
            valence_std=0.1,
            arousal_std=0.1,
            title=title,
            artist=f"Artist {rank}",
            album="",
            path=path,
            duration=6.0,
            start=2.0,
            length=2.0,
        )
        for rank, (title, score, path) in enumerate(
            zip(TITLES, SCORES, sorted((folder / "Müsik?").iterdir()), strict=True), start=1
        )
    ]


@pytest.fixture(scope="module")
def cloud():
    return np.random.default_rng(0).normal(0.5, 0.08, (5000, 2)).clip(0, 1)


@pytest.fixture(scope="module")
def report(folder, results, cloud):
    path = folder / "Bericht ü.html"
    answer = Answer("bild.png", (0.6, 0.4), results, (0.1, 0.08), [folder / "bild.png"], "Orange.")
    write_report(path, [answer], cloud=cloud, model="0" * 64)
    return path


@pytest.fixture
def tab(chromium, report):
    tab = Tab(chromium, report)
    yield tab
    tab.close()
    assert tab.complaints == []
    assert tab.requests == []


def titles(tab):
    return tab.page.locator(".results tbody .titled").all_text_contents()


def heading(tab, text):
    return tab.page.get_by_role("columnheader", name=text)


def test_what_is_there_to_be_seen(tab):
    assert "bild.png" in tab.page.title()
    assert titles(tab) == TITLES
    picture = tab.page.get_by_role("img", name="Orange.")
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [400, 300]
    assert tab.page.locator(".disc").count() == len(TITLES)
    assert tab.page.locator(".doubt").is_visible()
    assert tab.page.locator(".plane").is_visible()
    assert "5,000 tracks" in tab.page.locator("header").inner_text()


def test_titles_are_text_and_nothing_else(tab):
    tab.page.locator(".play").nth(1).click()
    assert tab.page.locator("#now").text_content() == HOSTILE
    assert tab.page.evaluate("window.hacked") is None
    assert tab.page.locator("img").count() == 1


def test_no_script_but_its_own_may_run(chromium, report):
    tab = Tab(chromium, report)
    tab.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b id=x onclick=\"hacked=1\">x</b>')")
    tab.page.locator("#x").click()
    assert tab.page.evaluate("window.hacked") is None
    assert any("Content Security Policy" in complaint for complaint in tab.complaints)
    tab.close()


def test_sorting_by_mouse(tab):
    by_score = heading(tab, "Score")
    by_score.get_by_role("button").click()
    assert by_score.get_attribute("aria-sort") == "descending"
    assert titles(tab) == [title for _, title in sorted(zip(SCORES, TITLES, strict=True), reverse=True)]
    by_score.get_by_role("button").click()
    assert by_score.get_attribute("aria-sort") == "ascending"
    assert titles(tab)[0] == TITLES[3]
    assert tab.page.locator("[aria-sort]").count() == 1


def test_sorting_by_keyboard(tab):
    heading(tab, "Title").get_by_role("button").focus()
    tab.page.keyboard.press("Enter")
    assert heading(tab, "Title").get_attribute("aria-sort") == "ascending"
    assert titles(tab)[1:] == ["Öde an die Freude", "Zart 2", "Zart 10"]  # numbers as numbers
    tab.page.keyboard.press("Space")
    assert titles(tab)[0] == "Zart 10"
    assert tab.focused() == "Title"
    heading(tab, "Rank").get_by_role("button").press("Enter")
    assert titles(tab) == TITLES


def test_player_plays_the_cue(tab):
    button = tab.page.get_by_role("button", name="Play Zart 2")
    assert not tab.page.get_by_role("region", name="Player").is_visible()
    button.click()
    playing = tab.playing()
    assert 0.2 < playing["time"] <= playing["duration"] == pytest.approx(2, abs=0.1)
    assert playing["source"].startswith("data:audio/mpeg")
    assert tab.page.get_by_role("region", name="Player").is_visible()
    tab.page.get_by_role("button", name="Pause Zart 2").press("Enter")
    assert tab.page.evaluate("player.paused")
    tab.page.locator(".disc").get_by_text("4", exact=True).click()
    assert tab.playing()["time"] > 0.2
    assert tab.page.locator("#now").text_content() == "Zart 10"


def test_row_shows_its_place_in_the_plane(tab):
    disc = tab.page.locator(".disc[data-result='1-3']")
    assert "pointed" not in disc.get_attribute("class")
    tab.page.get_by_role("button", name="Play Zart 2").focus()
    assert "pointed" in disc.get_attribute("class")


def test_order_of_the_tab_key(tab):
    order = []
    for _ in range(13):
        tab.page.keyboard.press("Tab")
        order.append(tab.focused())
    headings = ["Rank", "Title", "Artist", "Score", "Valence", "Arousal", "Cue"]
    assert order == [
        "Skip to the results",
        "Music for bild.png",
        *headings,
        *(f"Play {title}" for title in TITLES),
    ]


def test_focus_is_seen(tab):
    tab.page.keyboard.press("Tab")
    link = tab.page.get_by_role("link", name="Skip to the results")
    assert link.bounding_box()["x"] >= 0
    assert link.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"


def test_nothing_that_axe_objects_to(tab):
    tab.page.locator(".play").first.click()
    assert tab.flaws() == []


def test_contrast_in_the_dark(chromium, report):
    tab = Tab(chromium, report, color_scheme="dark")
    tab.page.locator(".play").first.click()
    assert tab.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 20, 18)"
    assert tab.flaws("color-contrast") == []
    tab.close()


def test_narrow_page_and_quiet_motion(chromium, report):
    tab = Tab(chromium, report, viewport={"width": 360, "height": 700}, reduced_motion="reduce")
    assert tab.page.evaluate("document.documentElement.scrollWidth") == 360
    assert tab.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert (
        tab.page.locator(".found").first.evaluate("each => getComputedStyle(each).transitionDuration") == "0s"
    )
    tab.close()


def test_linked_sound_starts_and_ends_at_the_cue(chromium, folder, results, cloud):
    path = folder / "verknüpft.html"
    answers = [Answer(name, (0.5, 0.5), results[:2]) for name in ("serene", "tense")]
    write_report(path, answers, cloud=cloud, model="0" * 64, embed_limit=0)
    tab = Tab(chromium, path)
    assert [tab.page.locator("article h3").nth(each).inner_text() for each in (0, 1)] == ["serene", "tense"]
    tab.page.locator("#query-2 .play").first.click()
    playing = tab.playing(2)
    assert 2 < playing["time"] < 4.3 < playing["duration"]
    tab.until("player.paused")
    assert tab.page.evaluate("player.currentTime") == pytest.approx(4, abs=0.3)
    tab.page.locator("#query-1 .play").first.click()  # again, from the start
    assert 2 < tab.playing(2)["time"] < 4.3
    assert tab.complaints == []
    assert all(request.startswith("file:") for request in tab.requests)
    tab.close()


def test_story_plays_through(chromium, folder, results, cloud):
    path = folder / "story.html"
    answers = [Answer(f"{each.rank}", (0.5, 0.4 + each.rank / 20), [each]) for each in results[2:]]
    write_report(path, answers, cloud=cloud, model="0" * 64, story=True)
    tab = Tab(chromium, path)
    assert tab.page.locator(".way").get_attribute("d").count(" ") == 3
    assert tab.page.locator("thead button").count() == 0
    tab.page.get_by_role("button", name="Play the story").click()
    now = tab.page.locator("#now")
    assert now.text_content() == "Zart 2"
    tab.until("document.getElementById('now').textContent === 'Zart 10'")
    assert tab.playing()["time"] > 0.2
    assert tab.complaints == []
    tab.close()
