"""Descriptions of scores, against scores whose answer is known."""

import numpy as np
import pytest

from va_space.datasets.score import CHROMA, LENGTH, PITCHES, describe, described_windows, read_notes

MODE, DENSITY, CHORDS = PITCHES.stop, PITCHES.stop + 2, PITCHES.stop + 7


def scale(steps, root=60, length=0.25, start=0):
    return np.array(
        [(start + i * length, length, root + step, 80) for i, step in enumerate(steps)], np.float64
    )


def test_major_and_minor_are_told_apart_in_every_key():
    for root in range(55, 67):
        major = describe(scale([0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0], root), 0, 10)
        minor = describe(scale([0, 2, 3, 5, 7, 8, 10, 12, 7, 3, 0], root), 0, 10)
        assert major[MODE] > 0.1
        assert minor[MODE] < -0.1


def test_a_transposed_score_differs_in_pitch_alone():
    notes = scale([0, 4, 7, 12, 7, 4])
    higher = notes + np.array([0, 0, 3, 0])
    one, other = describe(notes, 0, 5), describe(higher, 0, 5)
    np.testing.assert_allclose(other[CHROMA], np.roll(one[CHROMA], 3), atol=1e-6)
    np.testing.assert_allclose(other[PITCHES], one[PITCHES] + 3 / 12, atol=1e-6)
    np.testing.assert_allclose(other[PITCHES.stop :], one[PITCHES.stop :], atol=1e-6)


def test_only_the_passage_counts():
    notes = np.concatenate([scale([0, 4, 7, 12]), scale([1, 2, 3, 4, 5, 6], start=10)])
    description = describe(notes, 10, 5)
    assert description.shape == (LENGTH,)
    assert description[DENSITY] == pytest.approx(np.log(6 / 5))
    assert describe(notes, 5, 5) is None
    assert describe(notes, 0, 0.6) is None  # three notes are too few


def test_chords_are_onsets_together():
    triads = np.array([(t, 0.5, 60 + step, 80) for t in range(4) for step in (0, 4, 7)], np.float64)
    description = describe(triads, 0, 4)
    assert description[CHORDS] == pytest.approx(8 / 11)
    intervals = description[-12:]
    np.testing.assert_allclose(intervals[[3, 4, 7]], 1 / 3, atol=1e-6)


def test_windows_of_renderings_come_with_descriptions(tmp_path, fluidsynth, write_midi):
    notes = [(60 + step, 0.5) for step in (0, 2, 4, 5, 7, 9, 11, 12)]
    path = write_midi(tmp_path / "a.mid", notes=notes)
    assert len(read_notes(path)) == 8
    records, descriptions = described_windows([path], tmp_path / "cache", 2.5, 1.0)
    assert len(records) == len(descriptions) >= 2
    assert len({record.path for record in records}) == 2  # a piano, and another instrument
    assert {record.group for record in records} == {"a"}
    assert np.isfinite(descriptions).all()
