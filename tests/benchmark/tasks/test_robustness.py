"""Robustness on small data: rows against plain loops, and sources that are missing."""

import numpy as np
import pytest

from va_space.benchmark import transforms
from va_space.benchmark.tasks import robustness
from va_space.errors import DatasetError
from va_space.media.audio import load_audio
from va_space.media.pictures import load_picture


@pytest.fixture(scope="module")
def result(context):
    pytest.importorskip("soundfile", "0.13")
    return robustness.run(context)


def rows_of(result, data):
    return {row["change"]: row for row in result["rows"] if row["data"] == data and "change" in row}


def test_every_change_is_measured_and_missing_sources_are_named(result):
    assert list(rows_of(result, "OASIS")) == ["another file", *transforms.PICTURES]
    assert list(rows_of(result, "VGMIDI")) == ["another file", *transforms.MUSIC]
    assert set(result["n"]) == {"OASIS", "VGMIDI"}
    for missing in ("paintings", "EMOPIA", "Emotify"):
        assert any(note.startswith(f"{missing} is left out") for note in result["notes"])


def test_pictures_by_hand(result, context, tiny_space):
    paths = {record.path for record in context.pictures["test"]}
    pictures = [load_picture(path) for path in paths]
    before, after = (tiny_space.encode(p) for p in (pictures, [transforms.halved(p) for p in pictures]))
    cosines = (before * after).sum(axis=1)
    row = rows_of(result, "OASIS")["half size"]
    assert row["n"] == len(paths)
    assert row["cosine"] == pytest.approx(cosines.mean(), abs=1e-5)
    assert row["min"] == pytest.approx(cosines.min(), abs=1e-5)
    assert row["5%"] == pytest.approx(np.quantile(cosines, 0.05), abs=1e-5)
    assert row["above aim"] == np.mean(cosines > 0.95)
    moved = np.abs(
        tiny_space.predict_va(pictures) - tiny_space.predict_va([*map(transforms.halved, pictures)])
    )
    assert row["arousal moves"] == pytest.approx(moved[:, 1].mean(), abs=1e-5)
    assert row["most"] == pytest.approx(moved.max(), abs=1e-5)
    others = (before @ before.T)[~np.eye(len(before), dtype=bool)]
    assert rows_of(result, "OASIS")["another file"]["cosine"] == pytest.approx(others.mean(), abs=1e-5)


def test_music_by_hand(result, context, tiny_space):
    paths = sorted({record.path for record in context.music["test"]})
    sounds = [(load_audio(path, 8000), 8000) for path in paths]
    before, after = tiny_space.encode(sounds), tiny_space.encode([transforms.later(0.01)(s) for s in sounds])
    row = rows_of(result, "VGMIDI")["10 ms later"]
    assert row["cosine"] == pytest.approx((before * after).sum(axis=1).mean(), abs=1e-5)
    found = (after @ before.T).argmax(axis=1) == np.arange(len(paths))
    assert row["found"] == found.mean()


def test_level_alone_changes_nothing(result):
    row = rows_of(result, "VGMIDI")["12 dB softer"]
    assert row["min"] > 0.9999
    assert row["most"] < 1e-3


def test_the_worst_change_of_each_source_is_named(result):
    worst = {row["data"]: row for row in result["rows"] if "worst change" in row}
    assert set(worst) == set(result["n"])
    for data, row in worst.items():
        changes = rows_of(result, data)
        other = changes.pop("another file")
        assert row["min"] == changes[row["worst change"]]["min"] == min(c["min"] for c in changes.values())
        assert row["another file"] == other["cosine"]


def test_without_any_data_the_reasons_are_given(empty_context):
    with pytest.raises(DatasetError, match=r"OASIS is left out.*Emotify is left out"):
        robustness.run(empty_context)
