"""The task painting: what is felt of covers, and how tracks and seeds are told apart."""

import json
from collections import Counter

import numpy as np
import pytest
import torch
from descriptions import described
from safetensors.torch import save_file

from va_space.benchmark.context import Context
from va_space.benchmark.picture_judge import WEIGHTS
from va_space.benchmark.tasks import painting
from va_space.benchmark.tasks.painting import _auc, _by_track, _chosen
from va_space.datasets.records import Quadrant, Record
from va_space.networks.backbones.mobilenet_v1_x025 import MobileNet

pytest.importorskip("sklearn", reason="needs the extra benchmark")


def test_intraclass_correlation_is_that_of_shrout_and_fleiss():
    # Six targets and four judges of Shrout and Fleiss 1979, table 2: ICC(1, 1) = 0.17.
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    assert _by_track(ratings.astype(float)) == pytest.approx(0.17, abs=0.005)


def test_the_area_under_the_curve_is_scikit_learns():
    metrics = pytest.importorskip("sklearn.metrics", reason="needs the extra benchmark")
    rng = np.random.default_rng(0)
    values, positive = rng.integers(0, 9, 60).astype(float), rng.uniform(size=60) < 0.4
    assert _auc(values, positive) == pytest.approx(metrics.roc_auc_score(positive, values))


def test_tracks_are_spread_over_quadrants_and_artists(tmp_path):
    records = [
        Record(tmp_path / f"{i}.ogg", "music", Quadrant(1 + i % 4), f"artist {i // 8}", str(i))
        for i in range(80)
    ]
    chosen = _chosen(records, 8, 0)
    assert len({record.group for record in chosen}) == 8
    assert len(_chosen(records, 100, 0)) == 10
    assert [record.id for record in chosen] == [record.id for record in _chosen(records, 8, 0)]


@pytest.fixture
def root(oasis_root, tmp_path):
    """A data root with OASIS, eight recordings of 4Q, and the judge's weights beside it."""
    (tmp_path / "data" / "fourq" / "audio").mkdir(parents=True)
    lines = ["song,artist,quadrant"]
    for number in range(8):
        (tmp_path / "data" / "fourq" / "audio" / f"s{number}.opus").touch()
        lines.append(f"s{number},artist {number},{1 + number % 4}")
    (tmp_path / "data" / "fourq" / "fourq.csv").write_text("\n".join(lines))
    (tmp_path / "data" / "oasis").symlink_to(oasis_root / "oasis")
    (tmp_path / "weights").mkdir()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_file(MobileNet().state_dict(), tmp_path / "weights" / WEIGHTS)
    return tmp_path / "data"


@pytest.mark.slow
def test_the_table_has_every_way_of_painting(tiny_space, root, monkeypatch):
    for name, value in {"TRACKS": 8, "REPEATED": 2, "SEEDS": 2, "SIDE": 40, "CANDIDATES": 2}.items():
        monkeypatch.setattr(painting, name, value)
    seen = Counter()

    def describe(space, path):
        seen[path.stem] += 1
        number = int(path.stem[1:])
        return described(0.1 + 0.1 * number, (0.2 + 0.3 * number) % 1, path=str(path))

    monkeypatch.setattr(painting, "describe", describe)
    result = painting.run(Context(tiny_space, root, root))
    assert set(seen.values()) == {1}
    assert [row["covers"] for row in result["rows"]] == [
        painting.CHOSEN, painting.ALONE, painting.MOTIF, "another track's cover"
    ]  # fmt: skip
    assert result["n"] == {"tracks": 8, "tracks with several seeds": 2, "seeds": 2}
    for row in result["rows"]:
        low, high = row["valence interval"]
        assert -1 <= low <= row["valence"] <= high <= 1
        assert 0 <= row["arousal AUC"] <= 1
    assert result["rows"][0]["valence by track"] <= 1
    assert result["rows"][-1]["valence by track"] is None
    json.dumps(result)
