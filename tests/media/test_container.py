import sys

import numpy as np
import pytest
import soundfile
from bad_files import write_silent_video
from sounds import encode, tone

from va_space.errors import MediaError, MissingExtraError
from va_space.media.audio import iter_blocks, load_audio, probe_audio
from va_space.media.kinds import modality_of

CASES = {
    "a.m4a": ("aac", "mp4"),
    "a.aac": ("aac", "adts"),
    "a.webm": ("libopus", "webm"),
    "a.mka": ("flac", "matroska"),
    "a.ts": ("aac", "mpegts"),
    "video.mp4": ("aac", "mp4"),
    "video.mkv": ("aac", "matroska"),
    "video.avi": ("libmp3lame", "avi"),
}


@pytest.fixture(params=CASES)
def recording(request, tmp_path):
    codec, container = CASES[request.param]
    samples = np.stack([tone(3, 48_000), 0.5 * tone(3, 48_000)])
    video = request.param.startswith("video")
    return encode(
        tmp_path / request.param, samples, 48_000, codec, container=container, layout="stereo", video=video
    )


def test_sound_of_containers_and_videos(recording):
    info = probe_audio(recording)
    assert (info.sample_rate, info.channels) == (48_000, 2)
    assert info.duration == pytest.approx(3, abs=0.3)
    samples = load_audio(recording, 22_050)
    assert len(samples) / 22_050 == pytest.approx(3, abs=0.1)
    expected = 0.75 * tone(3, 22_050)
    lag = max(range(3000), key=lambda lag: np.dot(samples[lag : lag + 20_000], expected[:20_000]))
    assert np.corrcoef(samples[lag : lag + 60_000], expected[:60_000])[0, 1] > 0.98
    assert np.std(samples[lag : lag + 60_000]) == pytest.approx(np.std(expected[:60_000]), rel=0.1)


def test_frames_without_a_count_are_read_as_far_as_they_go(tmp_path):
    path = encode(tmp_path / "a.aac", tone(3, 48_000)[None], 48_000, "aac", container="adts")
    path.write_bytes(path.read_bytes()[:-5])
    notes = []
    assert sum(map(len, iter_blocks(path, 22_050, notes=notes))) / 22_050 == pytest.approx(3, abs=0.1)
    assert notes == ["the last frame is not complete, and left out"]


@pytest.mark.parametrize("name", ["a.m4a", "a.webm", "a.mka"])
def test_truncated(tmp_path, name):
    codec, container = CASES[name]
    for options in ({}, {"movflags": "faststart"}) if name == "a.m4a" else ({},):
        path = encode(
            tmp_path / name, tone(3, 48_000)[None], 48_000, codec, container=container, options=options
        )
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(MediaError, match=name):
            load_audio(path, 22_050)


@pytest.mark.parametrize(("layout", "channels"), [("mono", 1), ("5.1", 6), ("7.1", 8), ("7.1.4", 12)])
def test_many_channels(tmp_path, layout, channels):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (channels, 20_000)).astype(np.float32)
    path = encode(tmp_path / "a.mka", samples, 16_000, "pcm_f32le", layout=layout)
    assert probe_audio(path).channels == channels
    np.testing.assert_allclose(load_audio(path, 16_000), samples.mean(axis=0), atol=1e-6)


def test_a_video_without_sound(tmp_path):
    write_silent_video(tmp_path / "silent.mp4")
    for reader in (probe_audio, modality_of):
        with pytest.raises(MediaError, match=r"silent\.mp4: no sound in it"):
            reader(tmp_path / "silent.mp4")


def test_a_playlist_does_not_open_other_files(tmp_path):
    soundfile.write(tmp_path / "secret.wav", tone(1, 16_000), 16_000)
    lists = {
        "a.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.wav\n#EXT-X-ENDLIST\n",
        "a.mp4": "ffconcat version 1.0\nfile secret.wav\n",
        "a.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(MediaError, match="not sound that can be read"):
            load_audio(tmp_path / name, 16_000)


def test_without_the_extra(tmp_path, monkeypatch):
    sound = encode(tmp_path / "a.m4a", tone(1, 48_000)[None], 48_000, "aac")
    web = encode(tmp_path / "a.webm", tone(1, 48_000)[None], 48_000, "libopus")
    (tmp_path / "a.txt").write_text("text")
    monkeypatch.setitem(sys.modules, "av", None)
    for path in (sound, web):
        for reader in (probe_audio, modality_of):
            with pytest.raises(MissingExtraError, match=rf"{path.name}.*va-space\[av\]"):
                reader(path)
    with pytest.raises(MediaError, match=r"a\.txt: not sound"):
        probe_audio(tmp_path / "a.txt")
