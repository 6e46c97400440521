"""Pictures and videos that follow music, from file to file."""

import copy
from fractions import Fraction

import numpy as np
import pytest
import soundfile
from PIL import Image
from videos import clicks, listened_to, looked_at, make_video

from va_space.emotion.reference import Distribution, Reference
from va_space.errors import ConfigError, MediaError
from va_space.space import VASpace
from va_space.transfer.generator import Generator
from va_space.transfer.generators.grade import grade_generator
from va_space.transfer.video.restyle import restyle_picture_over_time, restyle_video, styles_of
from va_space.transfer.video.results import Preset

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


@pytest.fixture(scope="module")
def placed_space(tiny_space):
    """The small space with reference distributions, in which a few sounds and colours lie far apart."""
    time = np.arange(RATE) / RATE
    rng = np.random.default_rng(0)
    sounds = [(np.sin(2 * np.pi * hertz * time), RATE) for hertz in (110, 300, 900)]
    sounds += [(rng.uniform(-loud, loud, RATE), RATE) for loud in (0.1, 0.5)]
    colours = [rng.integers(0, 255, (32, 32, 3), np.uint8) // part for part in (1, 2, 5)]
    colours += [255 - each for each in colours]
    music, pictures = (Distribution.of(tiny_space.predict_va(each)) for each in (sounds, colours))
    kinds = {"recording": music, "rendering": music, "photograph": pictures, "painting": pictures}
    model = copy.deepcopy(tiny_space.model)
    model.reference = Reference(kinds, {})
    return VASpace(model, device="cpu", precision="fp32")


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


def test_strength_0_shows_the_picture_and_more_changes_it(placed_space, picture, music, tmp_path):
    options = {"rate": Fraction(5), "preset": QUICK, "long_side": 60}
    expected = np.asarray(picture.resize((60, 48), Image.Resampling.LANCZOS)).mean(axis=(0, 1))
    changes = []
    for strength in (0, 1):
        path = tmp_path / f"{strength}.mp4"
        restyle_picture_over_time(placed_space, picture, music, path, strength=strength, **options)
        changes.append(max(np.abs(colour - expected).max() for _, colour in looked_at(path)))
    assert changes[0] < 3
    assert changes[1] > changes[0] + 5


def stepped(path, turn=6.0, seconds=12.0):
    """Deep tones, then noise."""
    time = np.arange(round(turn * RATE)) / RATE
    tones = 0.3 * np.sin(2 * np.pi * 110 * time) + 0.2 * np.sin(2 * np.pi * 165 * time)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, round((seconds - turn) * RATE))
    soundfile.write(path, np.concatenate([tones, noise]), RATE)
    return path


def test_a_clip_of_12_s_with_a_change_at_6_s_changes_at_6_s(placed_space, picture, tmp_path):
    video = restyle_picture_over_time(
        placed_space,
        picture,
        stepped(tmp_path / "music.wav"),
        tmp_path / "a.mp4",
        strength=0.9,
        pulse=0,
        rate=Fraction(10),
        long_side=60,
        preset=QUICK,
    )
    assert [span.start for span in video.spans] == pytest.approx([0, 6], abs=0.1)
    times, colours = zip(*looked_at(tmp_path / "a.mp4"), strict=True)
    change = np.abs(np.diff(np.array(colours), axis=0)).mean(axis=1)
    largest = int(change.argmax())
    assert times[largest + 1] == pytest.approx(6, abs=0.2)
    # Nothing else comes near it.
    assert np.delete(change, largest).max() < 0.5 * change[largest]


def test_accents_are_seen_and_without_a_pulse_they_are_not(tiny_space, picture, tmp_path):
    music = tmp_path / "clicks.wav"
    steady = 0.02 * np.sin(2 * np.pi * 220 * np.arange(6 * RATE) / RATE)
    soundfile.write(music, (steady + clicks([1.5, 3.0, 4.5], 6)).clip(-1, 1), RATE)
    styles = styles_of(tiny_space, picture, grade_generator(tiny_space, picture), 0.3, 2)
    levels = {}
    for pulse in (0, 0.5, 1):
        path = tmp_path / f"{pulse}.mp4"
        restyle_picture_over_time(
            tiny_space, picture, music, path, styles=styles, pulse=pulse, rate=Fraction(20), preset=QUICK
        )
        levels[pulse] = np.array([colour.mean() for _, colour in looked_at(path)])
    for number in (30, 60, 90):
        jumps = [levels[pulse][number + 1] - levels[pulse][number - 2] for pulse in (0, 0.5, 1)]
        assert abs(jumps[0]) < 1
        assert 1.5 < jumps[1] < jumps[2]
    with pytest.raises(ValueError, match="pulse is 2"):
        restyle_picture_over_time(tiny_space, picture, music, tmp_path / "a.mp4", pulse=2)


@pytest.mark.parametrize("sound", ["note", "noise", "gap", "short"])
def test_odd_music(placed_space, picture, tmp_path, sound):
    time = np.arange(8 * RATE) / RATE
    note = 0.3 * np.sin(2 * np.pi * 220 * time)
    samples = {
        "note": note,
        "noise": np.random.default_rng(0).uniform(-0.3, 0.3, len(time)),
        "gap": note * ((time < 3) | (time > 5)),
        "short": note[: RATE // 10],
    }[sound]
    soundfile.write(tmp_path / "music.wav", samples, RATE)
    video = restyle_picture_over_time(
        placed_space,
        picture,
        tmp_path / "music.wav",
        tmp_path / "a.mp4",
        rate=Fraction(10),
        preset=QUICK,
        long_side=60,
    )
    colours = np.array([colour for _, colour in looked_at(tmp_path / "a.mp4")])
    assert len(colours) == max(1, round(10 * len(samples) / RATE))
    assert len(video.spans) <= 2
    if sound in ("note", "noise") and len(colours) > 2:
        assert np.abs(np.diff(colours[2:-2], axis=0)).max() < 2.5


def test_cuts_of_the_picture_are_respected(placed_space, tmp_path):
    pytest.importorskip("scenedetect", reason="needs scenedetect-headless")
    columns = [np.tile(colour, (48, 1)) for colour in ((200, 60, 60), (60, 90, 200))]
    for number, each in enumerate(columns):
        each[: 20 + number] = (120, 120, 120)
    source = make_video(tmp_path / "source.mp4", [columns[number >= 58] for number in range(120)])
    result = restyle_video(
        placed_space, source, stepped(tmp_path / "music.wav"), tmp_path / "a.mp4", strength=0.9, preset=QUICK
    )
    # The border of the music at 6 s, .2 s from the cut, moves to it.
    assert [span.start for span in result.spans] == pytest.approx([0, 5.8], abs=0.01)
    assert [span.shot for span in result.spans] == [0, 1]
    latents = result.keyframes.at([5.7, 5.79, 5.8, 5.9])
    assert (latents[1] - latents[0]).norm() < 0.2 * (latents[2] - latents[1]).norm()
    assert (latents[3] - latents[2]).norm() < 0.2 * (latents[2] - latents[1]).norm()


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
    with pytest.raises(ConfigError, match=r"a\.avi: videos end with"):
        restyle_picture_over_time(tiny_space, picture, tmp_path / "no.wav", tmp_path / "a.avi")


def test_video_that_breaks_off(tiny_space, music, tmp_path):
    source = make_video(tmp_path / "source.mp4", [(120, 60, 60)] * 5)
    source.write_bytes(source.read_bytes()[:-300])
    with pytest.raises(MediaError, match=r"source\.mp4"):
        restyle_video(tiny_space, source, music, tmp_path / "a.mp4", preset=QUICK)
    assert not (tmp_path / "a.mp4").exists()
