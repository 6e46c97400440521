"""The task painting: what is felt of covers, and how tracks and seeds are told apart."""

import numpy as np
import pytest

from va_space.benchmark.tasks.painting import _auc, _by_track, _chosen
from va_space.datasets.records import Quadrant, Record


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
