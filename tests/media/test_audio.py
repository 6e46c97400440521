import threading
import tracemalloc
import wave

import librosa
import numpy as np
import pytest
import soundfile
import soxr
from sounds import encode, tone

from va_space.errors import MediaError
from va_space.media.audio import AudioInfo, iter_blocks, load_audio, load_section, probe_audio
from va_space.media.settings import AudioSettings
from va_space.media.windows import iter_windows

FORMATS = {
    "wav": ("WAV", "PCM_16"),
    "24.wav": ("WAV", "PCM_24"),
    "8.wav": ("WAV", "PCM_U8"),
    "float.wav": ("WAV", "DOUBLE"),
    "rf64": ("RF64", "PCM_16"),
    "w64": ("W64", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "aiff": ("AIFF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "caf": ("CAF", "PCM_16"),
}


def write(path, samples, rate, kind="wav"):
    container, encoding = FORMATS[kind]
    soundfile.write(path, samples, rate, format=container, subtype=encoding)
    return path


@pytest.fixture(params=FORMATS)
def recording(request, tmp_path):
    """Three seconds of stereo at 48 kHz, named so that the extension does not help."""
    samples = np.stack([tone(3, 48_000), 0.5 * tone(3, 48_000)], axis=1)
    return write(tmp_path / "recording.dat", samples, 48_000, request.param)


def test_every_format_is_decoded_averaged_and_resampled(recording):
    decoded, rate = soundfile.read(str(recording), dtype="float32")
    expected = soxr.resample(decoded.mean(axis=1), rate, 22_050)
    np.testing.assert_allclose(load_audio(recording, 22_050), expected, atol=1e-6)
    reference = 0.75 * tone(3, 22_050)
    assert np.corrcoef(load_audio(recording, 22_050), reference[: len(expected)])[0, 1] > 0.98


def test_blocks_leave_no_seams(recording):
    """soundfile's own reading does, in mp3."""
    whole = load_audio(recording, 22_050)
    for block_samples in (999, 4096, 1 << 20):
        blocks = list(iter_blocks(recording, 22_050, block_samples=block_samples))
        np.testing.assert_array_equal(np.concatenate(blocks), whole)
        assert all(block.dtype == np.float32 for block in blocks)


def test_probe(recording):
    info = probe_audio(recording)
    assert (info.sample_rate, info.channels) == (48_000, 2)
    assert info.duration == pytest.approx(3.0)


def test_truncated(recording):
    data = recording.read_bytes()
    for share in (0.02, 0.5, 0.9):
        recording.write_bytes(data[: int(share * len(data))])
        if data.startswith(b"\xff\xfb") and share > 0.1:  # frames of mp3 have no count to be relied on
            notes = []
            blocks = iter_blocks(recording, 22_050, notes=notes)
            assert sum(map(len, blocks)) / 22_050 == pytest.approx(3 * share, abs=0.15)
            assert any("header states 3.0 s" in note for note in notes)
            continue
        with pytest.raises(MediaError, match=r"recording\.dat"):
            load_audio(recording, 22_050)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 192_000])
def test_streamed_resampling_is_resampling_at_once(tmp_path, rate):
    samples = np.stack([tone(1.5, rate), tone(1.5, rate)[::-1]], axis=1)
    path = write(tmp_path / "a.wav", samples, rate, "float.wav")
    expected = soxr.resample(samples.mean(axis=1), rate, 22_050) if rate != 22_050 else samples.mean(axis=1)
    for block_samples in (999, 1 << 20):
        blocks = iter_blocks(path, 22_050, block_samples=block_samples)
        np.testing.assert_allclose(np.concatenate(list(blocks)), expected, atol=1e-7)
    assert len(expected) == pytest.approx(1.5 * 22_050, abs=1)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_same_as_librosa(tmp_path):
    path = write(tmp_path / "a.flac", tone(3, 44_100), 44_100, "flac")
    expected, _ = librosa.load(path, sr=22_050, res_type="soxr_hq")
    np.testing.assert_allclose(load_audio(path, 22_050), expected, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 24])
def test_any_number_of_channels(tmp_path, channels):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (9000, channels)).astype(np.float32)
    path = write(tmp_path / "a.wav", samples, 16_000, "float.wav")
    np.testing.assert_allclose(load_audio(path, 16_000), samples.mean(axis=1), atol=1e-6)


def test_silence_is_sound(tmp_path):
    path = write(tmp_path / "a.wav", np.zeros(16_000), 16_000)
    assert not load_audio(path, 22_050).any()


def test_one_sample_is_sound(tmp_path):
    path = write(tmp_path / "a.wav", np.ones(1), 16_000)
    assert load_audio(path, 16_000).shape == (1,)


def test_a_nan_at_the_very_end_is_found(tmp_path):
    samples = np.zeros((300_000, 2), np.float32)
    samples[-1, 1] = np.nan
    path = write(tmp_path / "a.wav", samples, 16_000, "float.wav")
    with pytest.raises(MediaError, match="NaN"):
        load_audio(path, 22_050)


def test_infinities_that_would_cancel_are_found(tmp_path):
    samples = np.zeros((9000, 2), np.float32)
    samples[5] = np.inf, -np.inf
    path = write(tmp_path / "a.wav", samples, 16_000, "float.wav")
    with pytest.raises(MediaError, match="infinite"):
        load_audio(path, 16_000)


def test_limit_on_length(tmp_path):
    path = write(tmp_path / "a.wav", np.zeros(32_000), 16_000)
    assert len(load_audio(path, 16_000, max_seconds=2)) == 32_000
    with pytest.raises(MediaError, match=r"a\.wav: 2 s is longer than the limit of 1 s"):
        load_audio(path, 16_000, max_seconds=1)


def test_a_long_recording_is_never_in_memory_whole(tmp_path):
    """Twenty minutes; the samples that come out would take 106 MB."""
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        minute = (tone(60, 8000) * 32767).astype("<i2").tobytes()
        for _ in range(20):
            file.writeframes(minute)
    next(iter_blocks(path, 22_050))  # what is allocated once is not counted
    tracemalloc.start()
    try:
        count = sum(len(block) for block in iter_blocks(path, 22_050))
        windows = sum(1 for _ in iter_windows(path, AudioSettings()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20 * 60 * 22_050
    assert windows == 120
    assert peak < 8e6


def test_mp3_without_an_index_is_read_to_its_end(tmp_path):
    """libsndfile takes the length from the first frame's bit rate, here three times too short."""
    rng = np.random.default_rng(0)
    loud, quiet = 0.3 * rng.standard_normal(10 * 44_100), np.zeros(10 * 44_100)
    samples = np.concatenate([loud, quiet]).astype(np.float32)[None]
    path = encode(
        tmp_path / "a.mp3", samples, 44_100, "libmp3lame", options={"write_xing": "0"}, variable_rate=True
    )
    assert soundfile.info(str(path)).duration < 10  # the trap is there
    info = probe_audio(path)
    assert info == AudioInfo(pytest.approx(20, abs=0.1), 44_100, 1)
    assert len(load_audio(path, 44_100)) / 44_100 == pytest.approx(20, abs=0.1)
    with pytest.raises(MediaError, match="longer than the limit of 15 s"):
        load_audio(path, 44_100, max_seconds=15)
    path.write_bytes(path.read_bytes()[:-100])
    notes = []
    assert sum(map(len, iter_blocks(path, 44_100, notes=notes))) / 44_100 == pytest.approx(20, abs=0.1)
    assert notes == ["the last frame is not complete, and left out"]


def test_mp3_of_constant_rate_without_an_index(tmp_path):
    """Here the estimate is a little too long, which is no truncation."""
    options = {"write_xing": "0"}
    path = encode(tmp_path / "a.mp3", tone(20, 44_100)[None], 44_100, "libmp3lame", options=options)
    assert len(load_audio(path, 44_100)) / 44_100 == pytest.approx(20, abs=0.1)


def test_mp3_behind_a_large_cover(tmp_path):
    path = write(tmp_path / "a.mp3", tone(3, 44_100), 44_100, "mp3")
    size = 200_000
    syncsafe = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    frame = b"PRIV" + (size - 10).to_bytes(4, "big") + bytes(2) + b"x" * (size - 10)
    path.write_bytes(b"ID3\x03\0\0" + syncsafe + frame + path.read_bytes() + b"TAG" + b" " * 125)
    assert probe_audio(path).duration == pytest.approx(3, abs=0.1)
    assert len(load_audio(path, 44_100)) / 44_100 == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF])
def test_wav_written_to_a_pipe(tmp_path, size):
    """Its header was written before the length was known."""
    path = write(tmp_path / "a.wav", tone(1, 16_000), 16_000)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = size.to_bytes(4, "little")
    path.write_bytes(data)
    assert len(load_audio(path, 16_000)) == 16_000


def test_an_abandoned_recording_is_closed(tmp_path):
    options = {"write_xing": "0"}
    path = encode(tmp_path / "a.mp3", tone(15, 44_100)[None], 44_100, "libmp3lame", options=options)
    threads = set(threading.enumerate())
    blocks = iter_blocks(path, 44_100)
    next(blocks)
    blocks.close()
    for thread in set(threading.enumerate()) - threads:
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.mark.parametrize("name", ["ünïcödé ♫.mp3", "a.raw", "a.vox", "a", "100% #1?.wav", " space .ogg"])
def test_names_do_not_matter(tmp_path, name):
    path = write(tmp_path / name, tone(1, 16_000), 16_000)
    assert len(load_audio(path, 16_000)) == 16_000
    path.write_text("text " * 1000)
    with pytest.raises(MediaError):
        load_audio(path, 16_000)


@pytest.mark.parametrize("rate", [48_000, 22_050])
def test_section_is_that_part_of_the_whole(recording, rate):
    whole = load_audio(recording, rate)
    section = load_section(recording, rate, 1.2, 0.5)
    assert len(section) == pytest.approx(0.5 * rate, abs=2)
    expected = whole[round(1.2 * rate) :][: len(section)]
    inner = slice(rate // 20, -rate // 20)  # resampling sees no sound beyond the section's ends
    np.testing.assert_allclose(section[inner], expected[inner], atol=1e-3)
    assert len(load_section(recording, rate, 2.5, 9)) == pytest.approx(len(whole) - 2.5 * rate, abs=2)


def test_section_behind_the_end_is_an_error(tmp_path):
    path = write(tmp_path / "short.wav", tone(1, 8000), 8000)
    with pytest.raises(MediaError, match=r"ends before 2\.0 s"):
        load_section(path, 8000, 2, 1)


def test_what_comes_after_a_section_is_not_decoded(tmp_path):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 60 * 8000).astype(np.float32)
    path = write(tmp_path / "broken.flac", samples, 8000, "flac")
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    with pytest.raises(MediaError):
        load_audio(path, 8000)
    np.testing.assert_allclose(load_section(path, 8000, 1, 1), samples[8000:16000], atol=1e-4)
