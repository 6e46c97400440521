"""How a recording runs: loudness, and that pieces give what the whole gives."""

import numpy as np
import pytest

from va_space.generation.tags import form as module
from va_space.generation.tags.form import SECONDS, read_form
from va_space.media.loudness import integrated_loudness
from va_space.media.spectra import SAMPLE_RATE


def tone(seconds, hertz, loud, rate=44_100):
    return (loud * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("hertz", [60, 440, 3000])
def test_loudness_is_that_of_bs_1770(hertz):
    sound = tone(8, hertz, 0.25)
    form = read_form((sound, 44_100))
    assert form.loudness == pytest.approx(integrated_loudness(np.stack([sound, sound]), 44_100), abs=0.2)


def test_a_pause_does_not_count_and_silence_has_no_loudness():
    sound = np.concatenate([tone(5, 440, 0.25), np.zeros(5 * 44_100, np.float32)])
    form = read_form((sound, 44_100))
    assert form.loudness == pytest.approx(read_form((sound[: 5 * 44_100], 44_100)).loudness, abs=0.3)
    assert form.loudness_between(6, 10) is None
    silent = read_form((np.zeros(3 * 44_100, np.float32), 44_100))
    assert silent.loudness is None
    assert silent.boundaries == ()
    assert silent.tempo is None


def test_a_loud_entry_is_a_boundary(song):
    form = read_form(song)
    assert [boundary.seconds for boundary in form.boundaries] == [pytest.approx(6, abs=0.2)]
    assert form.power[form.part(7, 12)].mean() > 10 * form.power[form.part(0, 5)].mean()


def test_pieces_give_what_the_whole_gives(song, monkeypatch):
    samples = np.tile(song[0], 6)  # 72 s
    whole = read_form((samples, song[1]))
    monkeypatch.setattr(module, "WHOLE", 40.0)
    monkeypatch.setattr(module, "_PIECE", 24.0)
    pieces = read_form((samples, song[1]))
    assert pieces.duration == pytest.approx(whole.duration, abs=0.01)
    assert abs(len(pieces.power) - len(whole.power)) <= 2
    count = min(len(pieces.power), len(whole.power)) - 2
    correlation = np.corrcoef(pieces.power[:count], whole.power[:count])[0, 1]
    assert correlation > 0.95
    assert pieces.loudness == pytest.approx(whole.loudness, abs=0.3)
    said, known = (np.array([each.seconds for each in form.boundaries]) for form in (pieces, whole))
    assert np.abs(known[:, None] - said).min(axis=1).max() < 0.5


def test_three_hours_are_read_in_pieces_of_one_size():
    block = np.zeros(1 << 19, np.float32)
    total = 3 * 3600 * SAMPLE_RATE
    lengths, seconds = [], 0.0
    for start, lead, samples in module._pieces(block for _ in range(-(-total // len(block)))):
        assert start == pytest.approx(seconds, abs=SECONDS)
        lengths.append(len(samples))
        seconds += lead.own / SAMPLE_RATE
    assert max(lengths) <= (module.WHOLE + 2 * module._MARGIN) * SAMPLE_RATE + len(block)
    assert seconds == pytest.approx(3 * 3600, abs=30)
    assert len(lengths) > 10
