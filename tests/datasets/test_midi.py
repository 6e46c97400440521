import sys
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from va_space.datasets import midi
from va_space.datasets.records import Record
from va_space.errors import DatasetError, MediaError, MissingExtraError

pytestmark = pytest.mark.usefixtures("fluidsynth")


def test_a_note_sounds_at_its_pitch_for_its_time(tmp_path, write_midi):
    out = midi.render(write_midi(tmp_path / "a.mid"), tmp_path / "a.flac", tail_seconds=0.5)
    info = soundfile.info(out)
    assert (info.samplerate, info.channels, info.subtype, info.format) == (22050, 1, "PCM_16", "FLAC")
    assert info.duration == pytest.approx(2.5, abs=0.01)
    sound, rate = soundfile.read(out)
    spectrum = np.abs(np.fft.rfft(sound[: 2 * rate]))
    assert np.fft.rfftfreq(2 * rate, 1 / rate)[spectrum.argmax()] == pytest.approx(440, abs=2)
    assert np.abs(sound).max() == pytest.approx(0.9, abs=0.001)


def test_the_tempo_map_is_followed(tmp_path, write_midi):
    score = write_midi(tmp_path / "a.mid", notes=[(60, 4), (72, 4)], tempos=[(0, 60), (2, 120), (6, 30)])
    # 2 quarters of 1 s, 4 of 0.5 s, 2 of 2 s
    seconds = midi.quarter_seconds(score, [0, 1, 2, 4, 6, 6.5, 8])
    np.testing.assert_allclose(seconds, [0, 1, 2, 3, 4, 5, 8], atol=1e-6)
    assert seconds[-1] == pytest.approx(mido.MidiFile(score).length, abs=1e-6)
    out = midi.render(score, tmp_path / "a.flac", tail_seconds=0)
    assert midi.sound_seconds(out) == pytest.approx(8, abs=0.01)
    sound, rate = soundfile.read(out)
    loudness = np.convolve(sound**2, np.ones(441) / 441, mode="same")
    onset = loudness[3 * rate + rate // 20 : 3 * rate + rate // 4].mean()  # the second note begins at 3 s
    assert onset > 2 * loudness[3 * rate - rate // 4 : 3 * rate - rate // 20].mean()


def test_tempo_changes_at_one_place_take_the_last(tmp_path, write_midi):
    score = write_midi(tmp_path / "a.mid", tempos=[(0, 120), (0, 60)])
    np.testing.assert_allclose(midi.quarter_seconds(score, [0, 1, 2]), [0, 1, 2])


def test_a_file_without_a_tempo_goes_at_120(tmp_path, write_midi):
    score = write_midi(tmp_path / "a.mid", tempos=[])
    assert midi.quarter_seconds(score, 3) == pytest.approx(1.5)


def test_the_same_score_gives_the_same_samples(tmp_path, write_midi):
    score = write_midi(tmp_path / "a.mid", notes=[(60, 1), (64, 1)])
    first = midi.render(score, tmp_path / "a.flac").read_bytes()
    midi.render(write_midi(tmp_path / "b.mid", notes=[(40, 2)]), tmp_path / "b.flac")
    assert midi.render(score, tmp_path / "c.flac").read_bytes() == first


def test_dense_loud_scores_do_not_clip(tmp_path):
    track = mido.MidiTrack()
    for _ in range(4):
        track += [mido.Message("note_on", note=key, velocity=127) for key in range(36, 96)]
        track += [mido.Message("note_off", note=36, time=480)]
    mido.MidiFile(tracks=[track]).save(tmp_path / "a.mid")
    sound, _ = soundfile.read(midi.render(tmp_path / "a.mid", tmp_path / "a.flac"))
    peak = np.abs(sound).max()
    assert peak == pytest.approx(0.9, abs=0.001)
    assert (np.abs(sound) > 0.999 * peak).sum() < 10


def test_another_program_is_another_instrument(tmp_path, write_midi):
    plain = write_midi(tmp_path / "a.mid")
    flute = write_midi(tmp_path / "b.mid", program=73)
    sounds = {
        "piano": midi.render(plain, tmp_path / "1.flac"),
        "asked for by the file": midi.render(flute, tmp_path / "2.flac"),
        "asked for by the caller": midi.render(plain, tmp_path / "3.flac", program=73),
        "against the file": midi.render(flute, tmp_path / "4.flac", program=0),
    }
    content = {name: path.read_bytes() for name, path in sounds.items()}
    assert content["piano"] != content["asked for by the file"]
    assert content["asked for by the file"] == content["asked for by the caller"]
    assert content["against the file"] == content["piano"]


def test_the_cache_knows_content_and_settings(tmp_path, write_midi):
    cache = tmp_path / "cache"
    score = write_midi(tmp_path / "a.mid")
    first = midi.rendered(score, cache)
    made = first.stat().st_mtime_ns
    moved = write_midi(tmp_path / "other" / "name.mid")
    assert midi.rendered(moved, cache) == first
    assert first.stat().st_mtime_ns == made
    others = [
        midi.rendered(write_midi(tmp_path / "b.mid", notes=[(70, 2.0)]), cache),
        midi.rendered(score, cache, program=40),
        midi.rendered(score, cache, sample_rate=16000),
    ]
    assert len({first, *others}) == 4
    assert soundfile.info(others[2]).samplerate == 16000


def test_records_are_rendered_with_progress(tmp_path, write_midi):
    scores = [write_midi(tmp_path / f"{key}.mid", notes=[(key, 1)]) for key in (60, 64)]
    records = [Record(path, "music", None, group=path.stem, id=path.stem) for path in scores]
    steps = []
    sound = midi.render_records(records, tmp_path / "cache", progress=lambda *step: steps.append(step))
    assert steps == [(1, 2), (2, 2)]
    assert [record.id for record in sound] == ["60", "64"]
    assert all(record.path.suffix == ".flac" and record.path.is_file() for record in sound)


@pytest.mark.parametrize(
    "content", [b"", b"MThd", b"not midi at all" * 10, b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0"]
)
def test_files_that_are_not_midi_are_named(tmp_path, content):
    bad = tmp_path / "bad.mid"
    bad.write_bytes(content)
    with pytest.raises(MediaError, match=r"bad\.mid: not a usable MIDI file"):
        midi.render(bad, tmp_path / "out" / "a.flac")
    assert not (tmp_path / "out").exists()


def test_scores_without_a_sound_are_an_error(tmp_path):
    mido.MidiFile(tracks=[mido.MidiTrack()]).save(tmp_path / "empty.mid")
    with pytest.raises(MediaError, match=r"empty\.mid: holds no note"):
        midi.render(tmp_path / "empty.mid", tmp_path / "a.flac")


def test_independent_tracks_and_endless_files_are_refused(tmp_path, write_midi):
    mido.MidiFile(type=2, tracks=[mido.MidiTrack(), mido.MidiTrack()]).save(tmp_path / "two.mid")
    with pytest.raises(MediaError, match="format 2"):
        midi.render(tmp_path / "two.mid", tmp_path / "a.flac")
    endless = write_midi(tmp_path / "long.mid", notes=[(60, 3601)])
    with pytest.raises(MediaError, match="3601 s long"):
        midi.render(endless, tmp_path / "a.flac")


def test_the_folder_holds_whole_files_only(tmp_path, write_midi):
    out = tmp_path / "out"
    midi.render(write_midi(tmp_path / "a.mid"), out / "a.wav")
    assert [path.name for path in out.iterdir()] == ["a.wav"]
    with pytest.raises((ValueError, TypeError)):  # soundfile does not know the format
        midi.render(tmp_path / "a.mid", out / "a.nothing")
    assert [path.name for path in out.iterdir()] == ["a.wav"]


def test_soundfonts_can_be_given(tmp_path, write_midi, monkeypatch):
    installed = midi.find_soundfont()
    given = tmp_path / "own.sf2"
    given.symlink_to(installed)
    assert midi.find_soundfont(given) == given
    monkeypatch.setenv("VA_SPACE_SOUNDFONT", str(given))
    assert midi.find_soundfont() == given
    monkeypatch.setenv("VA_SPACE_SOUNDFONT", str(tmp_path / "none.sf2"))
    with pytest.raises(DatasetError, match=r"none\.sf2: no such SoundFont"):
        midi.find_soundfont()
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF....")
    with pytest.raises(MediaError, match=r"broken\.sf2"):
        midi.render(write_midi(tmp_path / "a.mid"), tmp_path / "a.flac", soundfont=broken)


def test_a_missing_library_names_the_packages(tmp_path, write_midi, monkeypatch):
    score = write_midi(tmp_path / "a.mid")
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    with pytest.raises(MissingExtraError, match=r"va-space\[midi\].*fluidsynth and fluid-soundfont-gm"):
        midi.render(score, tmp_path / "a.flac")
    monkeypatch.setattr(midi, "SOUNDFONTS", (Path(tmp_path / "none.sf2"),))
    monkeypatch.delenv("VA_SPACE_SOUNDFONT", raising=False)
    with pytest.raises(MissingExtraError, match="VA_SPACE_SOUNDFONT"):
        midi.find_soundfont()
