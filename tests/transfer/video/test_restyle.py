"""Pictures and videos that follow music, from file to file."""

from fractions import Fraction

import numpy as np
import pytest
import soundfile
from PIL import Image
from videos import clicks, listened_to, looked_at, make_video

from va_space.errors import MediaError
from va_space.transfer.generator import Generator
from va_space.transfer.video.restyle import Preset, restyle_picture_over_time, restyle_video

av = pytest.importorskip("av", reason="needs the extra av")

RATE = 8000
QUICK = Preset(hops=2, keyframe_seconds=1.0, steps=4, quick=True)


@pytest.fixture
def music(tmp_path):
    """A click at 2.5 of 3 s, over noise that grows."""
    samples = np.random.default_rng(0).uniform(-0.05, 0.05, 3 * RATE) * np.linspace(0.1, 1, 3 * RATE)
    path = tmp_path / "music.wav"
    soundfile.write(path, samples + clicks([2.5], 3), RATE)
    return path


@pytest.fixture
def picture():
    coarse = np.random.default_rng(1).integers(0, 256, (4, 5, 3), np.uint8)
    return Image.fromarray(coarse).resize((75, 60), Image.Resampling.BICUBIC)


def test_video_of_a_picture(tiny_space, picture, music, tmp_path):
    shares = []
    video = restyle_picture_over_time(
        tiny_space,
        picture,
        music,
        tmp_path / "a.mp4",
        strength=0.9,
        rate=Fraction(10),
        preset=QUICK,
        progress=shares.append,
    )
    assert video.seconds == 3
    frames = looked_at(tmp_path / "a.mp4")
    np.testing.assert_allclose([time for time, _ in frames], np.arange(30) / 10, atol=1e-6)
    times, samples = listened_to(tmp_path / "a.mp4")
    assert times[np.abs(samples) > 0.4][0] == pytest.approx(2.5, abs=0.02)
    with av.open(tmp_path / "a.mp4") as file:
        assert (file.streams.video[0].width, file.streams.video[0].height) == (76, 60)
    assert shares == sorted(shares)
    assert shares[-1] > 0.95
    assert len(video.samples) == 12
    for sample in video.samples:
        np.testing.assert_allclose(sample.va, tiny_space.predict_va(sample.image), atol=1e-6)


def test_strength_0_shows_the_picture_and_more_changes_it(tiny_space, picture, music, tmp_path):
    options = {"rate": Fraction(5), "preset": QUICK, "long_side": 60}
    expected = np.asarray(picture.resize((60, 48), Image.Resampling.LANCZOS)).mean(axis=(0, 1))
    changes = []
    for strength in (0, 1):
        path = tmp_path / f"{strength}.mp4"
        restyle_picture_over_time(tiny_space, picture, music, path, strength=strength, **options)
        changes.append(max(np.abs(colour - expected).max() for _, colour in looked_at(path)))
    assert changes[0] < 3
    assert changes[1] > changes[0] + 5


def test_another_generator_is_rendered(tiny_space, music, tmp_path):
    class Plain(Generator):
        """A picture of one colour, which is the latent: by the protocol, and not a grade."""

        def __init__(self, torch):
            self.torch, self.origin = torch, torch.tensor([[0.8, 0.4, 0.2]])

        def render(self, latents):
            return latents.clamp(0, 1)[:, :, None, None].expand(-1, -1, 32, 32)

        def distance(self, latents):
            return self.torch.sqrt((latents - self.origin).square().sum(dim=1) + 0.01) - 0.1

    import torch

    picture = Image.new("RGB", (64, 48))
    restyle_picture_over_time(
        tiny_space,
        picture,
        music,
        tmp_path / "a.mp4",
        generator=Plain(torch),
        strength=0,
        rate=Fraction(5),
        preset=QUICK,
    )
    for _, colour in looked_at(tmp_path / "a.mp4"):
        np.testing.assert_allclose(colour, [204, 102, 51], atol=4)


def test_video_keeps_times_and_size_and_gets_the_music(tiny_space, music, tmp_path):
    times = [3, 4, 9, 20, 21, 40, 55]
    colours = [(40 + 20 * number, 120, 200 - 20 * number) for number in range(len(times))]
    source = make_video(
        tmp_path / "source.mkv", colours, times=times, time_base=Fraction(1, 20), size=(64, 48)
    )
    result = restyle_video(tiny_space, source, music, tmp_path / "a.mp4", strength=0, preset=QUICK)
    frames = looked_at(tmp_path / "a.mp4")
    np.testing.assert_allclose([time for time, _ in frames], (np.array(times) - 3) / 20, atol=1e-6)
    np.testing.assert_allclose([colour for _, colour in frames], colours, atol=6)
    sound_times, samples = listened_to(tmp_path / "a.mp4")
    assert sound_times[np.abs(samples) > 0.4][0] == pytest.approx(2.5, abs=0.02)
    assert result.timeline.duration < 2.8  # as far as the video goes


def test_video_keeps_its_own_sound_if_asked(tiny_space, music, tmp_path):
    grey = [(120, 120, 120)] * 20
    source = make_video(tmp_path / "source.mp4", grey, sound=clicks([0.4], 1.5), sound_start=0.5)
    restyle_video(tiny_space, source, music, tmp_path / "a.mp4", keep_sound=True, strength=0, preset=QUICK)
    times, samples = listened_to(tmp_path / "a.mp4")
    assert times[np.abs(samples) > 0.4][0] == pytest.approx(0.9, abs=0.02)
    silent = make_video(tmp_path / "silent.mp4", grey)
    with pytest.raises(MediaError, match=r"silent\.mp4: no sound"):
        restyle_video(tiny_space, silent, music, tmp_path / "b.mp4", keep_sound=True)
    assert not (tmp_path / "b.mp4").exists()


def test_video_longer_than_the_music(tiny_space, music, tmp_path):
    source = make_video(tmp_path / "source.mp4", [(120, 60, 60)] * 50)
    result = restyle_video(tiny_space, source, music, tmp_path / "a.mp4", preset=QUICK)
    assert result.seconds == 5
    assert result.timeline.duration == 3
    assert len(looked_at(tmp_path / "a.mp4")) == 50


@pytest.mark.parametrize("sound", ["silent", "empty", "text", "missing"])
def test_bad_music_leaves_nothing(tiny_space, picture, tmp_path, sound):
    path = tmp_path / "music.wav"
    if sound == "text":
        path.write_text("This is not music.\n" * 50)
    elif sound != "missing":
        soundfile.write(path, np.zeros(RATE if sound == "silent" else 0), RATE)
    source = make_video(tmp_path / "source.mp4", [(120, 60, 60)] * 5)
    for make, given in ((restyle_picture_over_time, picture), (restyle_video, source)):
        with pytest.raises(MediaError, match=r"music\.wav"):
            make(tiny_space, given, path, tmp_path / "a.mp4", preset=QUICK)
    assert not [path for path in tmp_path.iterdir() if "a.mp4" in path.name]


def test_bad_ending_is_refused_before_the_work(tiny_space, picture, tmp_path):
    with pytest.raises(MediaError, match=r"a\.avi: videos are written as"):
        restyle_picture_over_time(tiny_space, picture, tmp_path / "no.wav", tmp_path / "a.avi")


def test_video_that_breaks_off(tiny_space, music, tmp_path):
    source = make_video(tmp_path / "source.mp4", [(120, 60, 60)] * 5)
    source.write_bytes(source.read_bytes()[:-300])
    with pytest.raises(MediaError, match=r"source\.mp4"):
        restyle_video(tiny_space, source, music, tmp_path / "a.mp4", preset=QUICK)
    assert not (tmp_path / "a.mp4").exists()
