import json

import pytest
import torch

from va_space.benchmark.tasks import losses as synthetic

SMALL = {"repeats": 1, "count": 300, "held_out": 100, "steps": 60, "batch_size": 32}


@pytest.fixture(scope="module")
def table():
    return synthetic.measure(seed=0, **SMALL)


@pytest.fixture(scope="module")
def rows(table):
    return {row["name"]: row for row in table["rows"]}


def test_the_printed_sign_turns_the_space_around(rows):
    ours, printed = rows["all losses, inverse sign"], rows["printed sign of CFR"]
    assert ours["spearman_distance"] > 0.85
    assert printed["spearman_distance"] < -0.6
    random = rows["random"]["nearest_10_by_distance"]
    assert ours["nearest_10_by_distance"] < 0.5 * random
    assert printed["nearest_10_by_distance"] > 1.3 * random


def test_without_unit_norm_distance_and_cosine_disagree(rows):
    ours, free = rows["all losses, inverse sign"], rows["no normalisation"]
    assert ours["spearman_cosine"] == pytest.approx(ours["spearman_distance"], abs=1e-3)
    assert free["spearman_cosine"] < free["spearman_distance"] - 0.02


def test_without_cfr_the_space_is_worse(rows):
    assert rows["no CFR"]["spearman_distance"] < rows["all losses, inverse sign"]["spearman_distance"]


def test_trivial_rows_frame_the_table(rows):
    assert rows["oracle"]["spearman_distance"] == pytest.approx(1)
    assert abs(rows["random"]["spearman_distance"]) < 0.05
    best = min(row["nearest_10_by_distance"] for row in rows.values())
    assert rows["oracle"]["nearest_10_by_distance"] == best


def test_the_table_is_json_and_says_what_was_done(table):
    assert json.loads(json.dumps(table)) == table
    assert table["task"] == "losses"
    assert {"data", "split", "metrics", "n", "seed", "rows", "notes"} <= table.keys()
    assert all(set(row) == {"name", *table["metrics"]} for row in table["rows"])


def test_same_seed_same_rows_and_the_callers_seed_is_left_alone(monkeypatch):
    monkeypatch.setattr(synthetic, "ABLATIONS", {"sampled": {"sampled": 1}})
    state = torch.get_rng_state()
    tables = [synthetic.measure(seed=seed, **{**SMALL, "steps": 3})["rows"] for seed in (1, 1, 2)]
    assert torch.equal(torch.get_rng_state(), state)
    assert tables[0] == tables[1]
    assert tables[0] != tables[2]
