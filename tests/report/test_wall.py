"""The page of a library of pictures as a file, and in a browser."""

import base64
import io
from urllib.parse import unquote

import numpy as np
import pytest
import soundfile
from browser import Tab, open_chromium
from pages import Page
from PIL import Image
from sounds import tone

from va_space.report import Answer, write_report
from va_space.retrieval.picture_story import Slide
from va_space.retrieval.results import PictureResult

RATE = 22050
SIZES = [(900, 600), (300, 500), (400, 400)]
HOSTILE = '"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wall") / "Bilder & mehr #1"
    folder.mkdir()
    for number, size in enumerate(SIZES):
        noise = np.random.default_rng(number).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(noise).resize(size).save(folder / f"{number} é.png")
    soundfile.write(folder / "track.wav", tone(4, RATE), RATE)
    return folder


def found(folder, kind=PictureResult, **more):
    return [
        kind(
            rank=number + 1,
            score=0.9 - number / 10,
            cosine=0.5,
            valence=0.4 + number / 10,
            arousal=0.5,
            valence_std=0.1,
            arousal_std=0.1,
            title=(HOSTILE, "Tief", "Quadrat")[number],
            path=folder / f"{number} é.png",
            width=width,
            height=height,
            percentiles=(0.3 + number / 10, 0.5),
            **{name: values[number] for name, values in more.items()},
        )
        for number, (width, height) in enumerate(SIZES)
    ]


def write(folder, results, **options):
    path = folder / "page.html"
    answer = Answer("track.wav", (0.6, 0.4), results, relative=True, tracks=[folder / "track.wav"])
    write_report(path, [answer], cloud=[(0.5, 0.5)], model="0" * 64, **options)
    return path


def read(path):
    return Page(path.read_text(encoding="utf-8"))


def wall_of(page):
    return [each for each in page.all("li") if "data-result" in each]


def test_pictures_and_the_track_are_inside(folder):
    page = read(write(folder, found(folder)))
    assert [each["data-result"] for each in wall_of(page)] == ["1-1", "1-2", "1-3"]
    aspects = [float(each["style"].removeprefix("--aspect: ")) for each in wall_of(page)]
    assert aspects == pytest.approx([1.5, 0.6, 1])
    images = page.all("img")
    assert [image["alt"] for image in images] == [HOSTILE, "Tief", "Quadrat"]
    sizes = [Image.open(io.BytesIO(base64.b64decode(each["src"].partition(",")[2]))).size for each in images]
    assert sizes == [(640, 427), (300, 500), (400, 400)]
    (sound,) = page.sounds().values()
    heard, rate = soundfile.read(io.BytesIO(base64.b64decode(sound.partition(",")[2])))
    assert len(heard) / rate == pytest.approx(4, abs=0.1)
    (button,) = (each for each in page.all("button") if each.get("class") == "play")
    assert button["data-title"] == "track.wav"
    assert "Pictures for track.wav" in page.text
    assert "among pictures as music is" in page.text
    for word in ("cue", "tracks"):
        assert word not in page.text


def test_beyond_the_limit_everything_is_linked_and_what_is_gone_is_said(folder, tmp_path):
    page = read(write(folder, found(folder), embed_limit=0))
    links = [each["src"] for each in page.all("img")]
    assert [(folder / unquote(link)).name for link in links] == [f"{number} é.png" for number in range(3)]
    assert next(iter(page.sounds().values())).startswith("track.wav#t=0,4")
    gone = [*found(folder)[:2], *found(tmp_path)[2:]]
    page = read(write(folder, gone))
    assert len(page.all("img")) == 2
    assert "the file is gone" in page.text
    assert "1 of 3 pictures cannot be shown" in page.text


def test_a_story_has_times_and_a_way(folder):
    slides = found(folder, Slide, start=(0.0, 1.0, 2.5), length=(1.0, 1.5, 1.5))
    page = read(write(folder, slides, story=True))
    times = [(each["data-from"], each["data-until"]) for each in wall_of(page)]
    assert times == [("0.0", "1.0"), ("1.0", "2.5"), ("2.5", "4.0")]
    assert any(each.get("class") == "way" for each in page.all("path"))
    assert "0:01–0:02, score" in " ".join(page.text.split())


@pytest.mark.slow
def test_in_a_browser(folder):
    slides = found(folder, Slide, start=(0.0, 1.0, 2.5), length=(1.0, 1.5, 1.5))
    path = write(folder, slides, story=True)
    with open_chromium() as browser:
        for scheme in ("light", "dark"):
            tab = Tab(browser, path, color_scheme=scheme)
            tab.page.get_by_role("button", name="Play track.wav").click()
            tab.until("document.querySelector('.wall li:nth-child(2)').classList.contains('playing')")
            assert tab.page.locator(".wall .playing").count() == 1
            assert tab.page.evaluate("window.hacked") is None
            natural = tab.page.locator(".wall img").evaluate_all("all => all.map(each => each.naturalWidth)")
            assert natural == [640, 300, 400]
            assert tab.flaws() == []
            assert tab.complaints == []
            assert tab.requests == []
            tab.close()
        tab = Tab(browser, path, viewport={"width": 360, "height": 700})
        assert tab.page.evaluate("document.documentElement.scrollWidth") == 360
        tab.page.locator(".wall li").first.hover()
        assert "pointed" in tab.page.locator(".disc[data-result='1-1']").get_attribute("class")
        tab.close()
