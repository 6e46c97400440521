"""Slide shows as files: what is seen and heard when, and what happens with bad files."""

import numpy as np
import pytest
import soundfile
from PIL import Image
from videos import clicks, listened_to, looked_at

from va_space.errors import ConfigError, MediaError
from va_space.production.slideshow import framed, write_slide_show
from va_space.retrieval.picture_story import Slide

pytest.importorskip("av", reason="needs the extra video")
COLOURS = [(220, 40, 30), (30, 160, 60), (40, 60, 210)]
SIZE = (96, 64)


@pytest.fixture
def slides(tmp_path):
    found = []
    for number, colour in enumerate(COLOURS):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (60, 40), colour).save(path)
        found.append(
            Slide(
                rank=number + 1,
                score=0.5,
                cosine=None,
                valence=0.5,
                arousal=0.5,
                valence_std=None,
                arousal_std=None,
                title=path.stem,
                path=path,
                width=60,
                height=40,
                start=2.0 * number,
                length=2.0,
            )
        )
    return found


@pytest.fixture
def track(tmp_path):
    soundfile.write(tmp_path / "track.wav", clicks([1.0, 4.0], 6.0), 8000)
    return tmp_path / "track.wav"


def test_pictures_change_on_time_with_their_sound(slides, track, tmp_path):
    steps = []
    path = tmp_path / "show.mp4"
    failures = write_slide_show(
        path, track, slides, size=SIZE, progress=lambda done, total: steps.append((done, total))
    )
    assert failures == []
    assert steps[-1] == (150, 150)
    frames = looked_at(path)
    assert len(frames) == 150
    for second, expected in [(0.5, COLOURS[0]), (1.4, COLOURS[0]), (2.6, COLOURS[1]), (5.9, COLOURS[2])]:
        seen = frames[round(25 * second)][1]
        np.testing.assert_allclose(seen, expected, atol=6)
    middle = np.mean([COLOURS[0], COLOURS[1]], axis=0)
    np.testing.assert_allclose(frames[50][1], middle, atol=8)  # half way through the fade
    times, samples = listened_to(path)
    for click in (1.0, 4.0):
        assert np.abs(samples[np.abs(times - click - 0.01) < 0.02]).max() > 0.3
    assert np.abs(samples[np.abs(times - 2.5) < 0.2]).max() < 0.05


def test_unreadable_pictures_are_left_out(slides, track, tmp_path):
    slides[0].path.write_bytes(b"nothing")
    slides[2].path.unlink()
    failures = write_slide_show(tmp_path / "show.mp4", track, slides, size=SIZE)
    assert [failure.source for failure in failures] == [slides[0].path, slides[2].path]
    for _, seen in looked_at(tmp_path / "show.mp4")[::30]:
        np.testing.assert_allclose(seen, COLOURS[1], atol=6)
    slides[1].path.unlink()
    with pytest.raises(MediaError, match="no picture of the slide show can be read"):
        write_slide_show(tmp_path / "none.mp4", track, slides, size=SIZE)
    assert not list(tmp_path.glob("*none.mp4"))


def test_a_picture_is_read_when_its_turn_comes(slides, track, tmp_path):
    content = slides[2].path.read_bytes()
    slides[2].path.unlink()

    def progress(done, total):
        if done == 50:  # the second picture is half there, the third is not looked for yet
            slides[2].path.write_bytes(content)

    assert write_slide_show(tmp_path / "show.mp4", track, slides, size=SIZE, progress=progress) == []
    np.testing.assert_allclose(looked_at(tmp_path / "show.mp4")[-1][1], COLOURS[2], atol=6)


def test_what_is_refused(slides, track, tmp_path):
    with pytest.raises(ValueError, match="both must be even"):
        write_slide_show(tmp_path / "show.mp4", track, slides, size=(95, 64))
    with pytest.raises(ValueError, match="at least one picture"):
        write_slide_show(tmp_path / "show.mp4", track, [])
    with pytest.raises(ConfigError, match="videos end with"):
        write_slide_show(tmp_path / "show.gif", track, slides, size=SIZE)
    with pytest.raises(MediaError, match=r"0\.png"):
        write_slide_show(tmp_path / "show.mp4", slides[0].path, slides, size=SIZE)


def test_a_picture_is_whole_in_its_frame():
    tall = Image.new("RGB", (30, 60), (200, 100, 50))
    frame = np.asarray(framed(tall, SIZE), np.float64)
    assert frame.shape == (64, 96, 3)
    np.testing.assert_allclose(frame[32, 48], (200, 100, 50), atol=2)
    np.testing.assert_allclose(frame[32, 5], (80, 40, 20), atol=4)  # the same, darker
    assert framed(Image.new("RGB", (192, 128)), SIZE).size == SIZE
