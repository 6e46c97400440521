"""Descriptions as a whole, and what is said of inputs that are no music."""

import json

import numpy as np
import pytest
import soundfile

from va_space.errors import MediaError
from va_space.generation.tags import describe
from va_space.generation.tags.content import content_of, remarks_on, sings
from va_space.generation.tags.form import read_form
from va_space.generation.tags.words import lines_about


@pytest.fixture(scope="module")
def described(tiny_space, song, tmp_path_factory):
    folder = tmp_path_factory.mktemp("described")
    soundfile.write(folder / "song.wav", *song)
    (folder / "song.txt").write_text("La la la\n")
    return describe(tiny_space, folder / "song.wav", lyrics=folder / "song.txt")


def test_a_recording_is_described(described, tiny_space, song):
    assert described.path.endswith("song.wav")
    assert described.duration == pytest.approx(12, abs=0.01)
    assert described.model == tiny_space.fingerprint
    assert described.lyrics[0].text == "La la la"
    np.testing.assert_allclose(described.va, tiny_space.predict_va(song), atol=1e-3)
    assert described.feeling == described.va, "the small model has no reference distributions"
    assert len(described.words) == 3
    assert [section.start for section in described.sections] == [0, pytest.approx(6, abs=0.3)]
    assert described.sections[1].energy > described.sections[0].energy
    assert described.section_at(7) is described.sections[1]
    assert [moment.end for moment in described.moments] == [10]


def test_it_is_json_and_words(described):
    read = json.loads(described.to_json())
    assert read == json.loads(json.dumps(described.to_dict()))
    assert read["sections"][0]["start"] == 0
    lines = dict(lines_about(described))
    assert lines["content"].endswith("0:12")
    assert lines["lyrics"] == "1 lines: La la la"


def test_silence_feels_like_nothing(tiny_space):
    found = describe(tiny_space, (np.zeros(80_000, np.float32), 16_000))
    assert found.content == "silence"
    assert (found.loudness, found.tempo, found.key, found.moments) == (None, None, None, ())
    assert found.feeling == found.va == (0.5, 0.5)
    assert found.genres == found.moods == found.voice == found.instruments == found.sounds == ()
    assert [section.label for section in found.sections] == ["whole"]
    assert any("silent" in note for note in found.notes)


def test_noise_has_no_genre(tiny_space):
    noise = np.random.default_rng(0).normal(size=160_000).astype(np.float32) * 0.1
    found = describe(tiny_space, (noise, 16_000))
    assert found.content == "noise"
    assert "noise" in [tag.name for tag in found.sounds]
    assert found.key is found.tempo is None
    assert found.genres == found.instruments == ()
    assert any("no music" in note for note in found.notes)


def test_a_jingle_of_one_second_is_one_section(tiny_space, song):
    found = describe(tiny_space, (song[0][-16_000:], 16_000))
    assert found.duration == pytest.approx(1, abs=0.01)
    assert [section.label for section in found.sections] == ["whole"]
    assert any("too short" in note for note in found.notes)


def test_speech_is_told_from_singing(heard_with, song):
    form = read_form(song)
    speech = heard_with(Speech=0.9, Music=0.1)
    assert content_of(speech, form) == "speech"
    assert any("somebody speaks" in note for note in remarks_on(speech, form, "speech"))
    sung = heard_with(Speech=0.1, Music=0.8, Singing=0.1)
    assert content_of(sung, form) == "music"
    assert sings(sung)
    assert not sings(heard_with(Music=0.9))


def test_a_steady_sound_has_one_section(tiny_space):
    tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(12 * 16_000) / 16_000)
    found = describe(tiny_space, (tone.astype(np.float32), 16_000))
    assert [section.label for section in found.sections] == ["whole"]
    assert any("no boundary" in note for note in found.notes)


def test_what_is_no_recording_is_an_error(tiny_space, tmp_path):
    path = tmp_path / "empty.wav"
    path.touch()
    with pytest.raises(MediaError):
        describe(tiny_space, path)
    with pytest.raises(MediaError):
        describe(tiny_space, tmp_path / "missing.wav")
