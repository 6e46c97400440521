import json
import os
from pathlib import Path

import numpy as np
import pytest

from va_space.errors import CheckpointError
from va_space.generation.music.features import NAMES
from va_space.generation.music.judge import WEIGHTS, load_judge
from va_space.training.symbolic_judge import Passages, cross_validated, fit, write_judge


def passages(n=600, seed=0):
    draw = np.random.default_rng(seed)
    features = draw.standard_normal((n, len(NAMES)))
    source = np.where(np.arange(n) % 2, "EMOPIA", "VGMIDI")
    labels = np.sign(features[:, :2] + 0.3 * draw.standard_normal((n, 2)))
    features[source == "VGMIDI", 4] += 5
    return Passages(features, labels, np.array([f"g{i // 5}" for i in range(n)]), source)


def test_it_learns_what_labels_hang_on():
    measured = cross_validated(passages())
    for name in ("EMOPIA", "VGMIDI"):
        assert measured[name]["valence r"] > 0.6
        assert measured[name]["arousal r"] > 0.6
    assert measured["EMOPIA"]["valence accuracy"] > 0.8


def test_it_comes_back_as_it_was_written(tmp_path):
    judge, path = fit(passages()), tmp_path / "judge.json"
    write_judge(path, judge, {})
    again, rows = load_judge(path), passages(20, 1).features
    np.testing.assert_allclose(again(rows), judge(rows), atol=0.01)


def test_what_ships_is_small_names_its_measure_and_is_read():
    assert WEIGHTS.stat().st_size < 20_000
    assert json.loads(WEIGHTS.read_text())["measured"]["EMOPIA"]["arousal accuracy"] > 0.8
    judge = load_judge()
    quantiles = judge.quantiles
    assert (np.diff(quantiles, axis=0) >= 0).all()
    reasons = judge.reasons(judge.mean + judge.spread, 1, 3)
    assert len(reasons) == 3
    assert abs(reasons[0][1]) >= abs(reasons[1][1])


def test_other_files_are_refused(tmp_path):
    for text in (
        "",
        "{}",
        json.dumps(
            {
                "features": ["one"],
                "mean": [0],
                "spread": [1],
                "weights": [[0, 0]],
                "bias": [0, 0],
                "quantiles": [[0, 0]],
            }
        ),
    ):
        path = tmp_path / f"{len(text)}.json"
        path.write_text(text)
        with pytest.raises(CheckpointError, match=r"symbolic judge|other features"):
            load_judge(path)


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("VA_SPACE_DATA"), reason="VA_SPACE_DATA is not set")
def test_real_songs_are_read():
    from va_space.training.symbolic_judge import _vgmidi

    rows = _vgmidi(Path(os.environ["VA_SPACE_DATA"]) / "vgmidi")
    points = np.array([row[1] for row in rows])
    assert len(rows) > 1000
    assert points.min() >= 0
    assert points.max() <= 1
