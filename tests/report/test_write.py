"""The report as a file; test_report_browser.py has what a browser makes of it."""

import base64
import io
from dataclasses import replace
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
import soundfile
import soxr
from pages import Page
from PIL import Image
from scipy.signal import correlate
from sounds import tone

from va_space.errors import MediaError
from va_space.page.plane import Plane
from va_space.report import Answer, write_report
from va_space.report.marks import DISC, DISCS, NAMES, mark
from va_space.retrieval.difference import Difference
from va_space.retrieval.results import Result
from va_space.text import clock

RATE = 22050


@pytest.fixture
def results(tmp_path):
    music = tmp_path / "Musik & mehr"
    music.mkdir()
    found = []
    for rank in range(1, 5):
        path = music / f"é #{rank}.wav"
        soundfile.write(path, tone(4, RATE) / rank, RATE)
        found.append(
            Result(
                rank=rank,
                score=1 - rank / 10,
                cosine=0.5,
                valence=0.5,
                arousal=0.6,
                valence_std=0.1,
                arousal_std=0.2,
                title=f"T{rank}",
                artist="",
                album="",
                path=path,
                duration=4.0,
                start=1.0,
                length=2.0,
            )
        )
    return found


@pytest.fixture
def write(tmp_path):
    def write(*answers, cloud=((0.5, 0.5),), **options):
        path = tmp_path / "pages" / "report.html"
        write_report(path, answers, cloud=cloud, model="0" * 64, **options)
        return Page(path.read_text(encoding="utf-8"))

    return write


def picture(tmp_path, name="bild.png", size=(2000, 1000)):
    Image.new("RGB", size, (10, 200, 30)).save(tmp_path / name)
    return tmp_path / name


def test_everything_is_inside(write, tmp_path, results):
    page = write(Answer("b", (0.6, 0.4), results, (0.1, 0.1), [picture(tmp_path)]))
    references = [
        attributes[name]
        for _, attributes in page.elements
        for name in ("src", "href", "poster", "srcset")
        if name in attributes
    ]
    assert references
    assert all(each.startswith(("data:", "#")) for each in [*references, *page.sounds().values()])
    image = Image.open(io.BytesIO(base64.b64decode(page.all("img")[0]["src"].partition(",")[2])))
    assert (image.format, *image.size) == ("JPEG", 900, 450)
    assert len(page.sounds()) == len(results)


def test_sound_is_the_passage(write, results):
    address = write(Answer("b", (0.6, 0.4), results[:1])).sounds()["sound-0"]
    kind, _, content = address.partition(",")
    assert kind == "data:audio/mpeg;base64"
    sound, rate = soundfile.read(io.BytesIO(base64.b64decode(content)))
    expected = soxr.resample(tone(4, RATE)[RATE : 3 * RATE], RATE, rate)
    assert len(sound) == pytest.approx(len(expected), abs=0.06 * rate)  # mp3 has frames
    part = expected[5000:40000]
    peak = correlate(sound, part, mode="valid", method="fft").max()  # wherever mp3's delay puts it
    best = peak / (np.linalg.norm(part) * np.linalg.norm(sound[5000:40000]))
    assert best > 0.98


def test_beyond_the_limit_and_undecodable_sound_is_linked(write, tmp_path, results):
    sounds = write(Answer("b", (0.6, 0.4), results)).sounds()
    results[0].path.write_bytes(b"not sound that soundfile reads")
    limited = write(Answer("b", (0.6, 0.4), results), embed_limit=len(sounds["sound-1"]) + 1).sounds()
    assert limited["sound-1"] == sounds["sound-1"]
    for number in (0, 2, 3):
        link = urlsplit(limited[f"sound-{number}"])
        assert (link.scheme, link.fragment) == ("", "t=1,3")
        assert (tmp_path / "pages" / unquote(link.path)).samefile(results[number].path)


def test_file_that_is_gone_has_no_player(write, results):
    results[1].path.unlink()
    page = write(Answer("b", (0.6, 0.4), results))
    played = [button["data-title"] for button in page.all("button") if "play" in button.get("class", "")]
    assert played == ["T1", "T3", "T4"]
    assert "cannot be read" in page.text


def test_a_passage_is_embedded_once(write, results):
    other = replace(results[0], rank=2, start=0.0)
    page = write(Answer("a", (0.6, 0.4), results[:1]), Answer("b", (0.6, 0.4), [results[0], other]))
    assert len(page.sounds()) == 2
    assert [button["data-sound"] for button in page.all("button") if "play" in button.get("class", "")] == [
        "sound-0",
        "sound-0",
        "sound-1",
    ]


def test_mean_of_several_pictures_and_a_word(write, tmp_path, results):
    pictures = [picture(tmp_path, name, (40, 30)) for name in ("a.png", "b.png")]
    page = write(Answer("a.png + b.png", (0.6, 0.4), results, (0.1, 0.1), pictures))
    assert len(page.all("img")) == 2
    assert page.all("image") == []
    page = write(Answer("serene", (0.8, 0.3), results))
    assert page.all("img") == page.all("ellipse") == []
    assert "target" in {circle.get("class") for circle in page.all("circle")}


def test_explanations_get_columns(write, results):
    explained = [replace(each, explanation=Difference(-0.12, 0.034, 0.5)) for each in results]
    page = write(Answer("b", (0.6, 0.4), explained))
    assert all(text in page.text for text in ("Δ valence", "-0.12", "Δ arousal", "+0.03", "Rest", "0.50"))
    headings, cells = len(page.all("th")) - len(results), len(page.all("td")) // len(results) + 1
    assert headings == cells


def test_moments_of_explained_tracks_are_drawn(write, results):
    moments = ((0.0, 0.2), (1.0, 0.8), (2.0, 0.6), (3.0, 0.2))
    shown = [replace(results[0], moments=moments), *results[1:]]
    page = write(Answer("b", (0.6, 0.4), shown))
    (drawing,) = [each for each in page.all("svg") if each.get("class") == "moments"]
    assert " ".join(drawing["aria-label"].split()) == "How well each moment answers, best at 0:01"
    (line,) = page.all("polyline")
    points = [tuple(map(float, point.split(","))) for point in line["points"].split()]
    assert [y for _, y in points] == pytest.approx([24, 2, 2 + 22 / 3, 24], abs=0.06)
    assert [x for x, _ in points] == pytest.approx([30, 90, 150, 210])


def test_uncertainty_of_tracks_is_told_where_it_is_known(write, results):
    assert "of about 0.10 and 0.20" in " ".join(write(Answer("b", (0.6, 0.4), results)).text.split())
    unknown = [replace(each, valence_std=None, arousal_std=None) for each in results]
    assert "standard" not in write(Answer("b", (0.6, 0.4), unknown)).text


def test_no_library_no_results_and_strange_names(write, results):
    page = write(Answer("\udce9</script><b>", (1.0, 0.0), []), cloud=[])
    assert page.all("b") == [{}, {}]  # those of the legend
    assert "\\udce9</script><b>" in page.text
    with pytest.raises(ValueError, match="at least one"):
        write()


def test_bad_picture_leaves_the_old_page(write, tmp_path, results):
    write(Answer("b", (0.6, 0.4), results))
    before = (tmp_path / "pages" / "report.html").read_bytes()
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    with pytest.raises(MediaError):
        write(Answer("b", (0.6, 0.4), results, None, [tmp_path / "bad.jpg"]))
    assert (tmp_path / "pages" / "report.html").read_bytes() == before
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["report.html"]
    write(Answer("b", (0.6, 0.4), results))
    assert (tmp_path / "pages" / "report.html").read_bytes() == before


def test_progress_counts_cues(write, results):
    seen = []
    write(Answer("b", (0.6, 0.4), results), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_cloud_of_many_points_is_small_and_whole():
    points = np.random.default_rng(0).normal(0.5, 0.1, (100_000, 2)).clip(0, 1)
    plane = Plane(points)
    paths = plane.cloud(points)
    assert sum(map(len, paths)) < 400_000
    drawn = np.array([dot.split() for path in paths for dot in path.replace("h0", "").split("M")[1:]], float)
    for point in points[:200]:
        assert np.abs(drawn - plane.xy(point)).max(axis=1).min() <= 1.6
    assert all(paths)
    assert plane.cloud([]) == [""] * len(paths)
    assert plane.cloud([(0.5, 0.5)])[0].count("M") == 1


def test_marks_cover_no_other(results):
    many = [replace(results[0], rank=rank, title="x" * 50) for rank in range(1, 60)]
    (marked,) = mark(Plane([(0.5, 0.6)]), [Answer("b", (0.5, 0.6), many)])
    assert len(marked.discs) == DISCS
    places = np.array([marked.place, *(disc.place for disc in marked.discs)])
    gaps = np.linalg.norm(places[:, None] - places[None], axis=-1) + 99 * np.eye(len(places))
    assert gaps.min() > 2 * DISC - 1
    heights = [height for height, _ in marked.names]
    assert len(heights) == NAMES
    assert np.diff(heights).min() >= 15
    assert all(len(text) < 40 for _, text in marked.names)


def test_times():
    assert [clock(seconds) for seconds in (0, 59.6, 83, 3661)] == ["0:00", "1:00", "1:23", "1:01:01"]


def test_story_has_all_discs_apart(results):
    """Its passages may be of one track, whose place is one."""
    answers = [Answer("b", (0.5, 0.6), [replace(results[0], rank=rank)]) for rank in (1, 2, 3)]
    marks = mark(Plane([(0.5, 0.6)]), answers, story=True)
    places = np.array([mark.discs[0].place for mark in marks])
    assert [mark.discs[0].result.rank for mark in marks] == [1, 2, 3]
    gaps = np.linalg.norm(places[:, None] - places[None], axis=-1) + 99 * np.eye(3)
    assert gaps.min() > 2 * DISC - 1


@pytest.mark.parametrize("point", [(0.1, 0.5), (0.9, 0.5), (0.5, 0.1), (0.5, 0.5)])
def test_names_cover_no_disc(results, point):
    valence, arousal = point
    found = [
        replace(results[0], rank=n, valence=valence + n / 100, arousal=arousal - n / 100) for n in range(1, 9)
    ]
    (marked,) = mark(Plane([(0, 0)]), [Answer("b", point, found)])
    left, right = marked.names_at, marked.names_at + 33
    top, bottom = marked.names[0][0] - 14, marked.names[-1][0]
    for x, y in [marked.place, *(disc.place for disc in marked.discs)]:
        assert not (left - DISC < x < right + DISC and top - DISC < y < bottom + DISC)
