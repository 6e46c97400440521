"""What is written is what was composed."""

from io import BytesIO

import mido
import numpy as np

from va_space.datasets.score import read_notes
from va_space.generation.music.midi_file import midi_bytes
from va_space.generation.music.rng import chance
from va_space.generation.music.rules import compose_score
from va_space.generation.music.target import Course


def test_a_reader_finds_the_notes_again(tmp_path):
    score = compose_score(lambda _: (0.3, 0.6), 15, chance(5)).score
    path = tmp_path / "a.mid"
    path.write_bytes(midi_bytes(score, title="Müsic ♥", texts=("made of sums",)))
    wanted = []
    for part in score.parts:
        for note in part.notes if part.instrument != "percussion" else ():
            start, end = score.seconds(note.start), score.seconds(note.start + note.length)
            wanted.append((start, end - start, note.pitch, note.velocity))
    found = read_notes(path)
    np.testing.assert_allclose(found, np.array(sorted(wanted)), atol=1e-3)


def test_texts_tempo_metre_keys_and_form_are_in_it():
    course = Course((0.0, 40.0), ((0.1, 0.2), (0.9, 0.8)))
    score = compose_score(course, 40, chance(1)).score
    file = mido.MidiFile(file=BytesIO(midi_bytes(score, title="A", texts=("seed 1",))))
    conductor = file.tracks[0]
    kinds = {message.type for message in conductor}
    assert {"track_name", "text", "time_signature", "key_signature", "set_tempo", "marker"} <= kinds
    assert [m.text for m in conductor if m.type == "marker"] == [section.name for section in score.sections]
    assert sum(m.type == "set_tempo" for m in conductor) == len(score.tempos)
    assert [track.name for track in file.tracks[1:]] == [part.instrument for part in score.parts]
    assert abs(file.length - score.duration) < 1e-3


def test_percussion_is_on_its_channel():
    for seed in range(40):
        score = compose_score(lambda _: (0.8, 0.95), 5, chance(seed)).score
        if any(part.instrument == "percussion" for part in score.parts):
            break
    for track in mido.MidiFile(file=BytesIO(midi_bytes(score))).tracks[1:]:
        channels = {message.channel for message in track if message.type == "note_on"}
        assert channels == {9} if track.name == "percussion" else 9 not in channels
