"""Noisy points of music of which only the quadrant is known."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from va_space.datasets.records import Quadrant, Record
from va_space.encoders.three_branch import ThreeBranch
from va_space.errors import ConfigError
from va_space.training.space.noisy_points import noisy_points

RECORDS = [
    Record(Path("MT1.ogg"), "music", Quadrant(1), "a", "MT1@0", source="fourq"),
    Record(Path("MT1.wav"), "music", Quadrant(1), "b", "MT1@0", source="emopia"),
]


def test_words_are_of_4q_alone(tmp_path):
    (tmp_path / "fourq").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "fourq" / "fourq.csv").write_text("song,moods\nMT1,Joyful; Nothing\n")
    (tmp_path / "text" / "warriner2013.csv").write_text("word,valence_mean,arousal_mean\njoyful,9,5\n")
    points = noisy_points("mood-words", RECORDS, torch.zeros(2, 3), tmp_path)
    assert points[0].tolist() == [1.0, 0.5]
    assert points[1].isnan().all()


def test_the_head_reads_arousal_off_the_embedding(tmp_path):
    (tmp_path / "weights").mkdir()
    weight, bias = torch.zeros(2, 200), torch.tensor([2.0, 5.0])
    weight[1, 0] = 1.0
    head = {"deam.w": weight, "deam.b": bias}
    save_file(head, tmp_path / "weights" / "essentia_heads_msd_musicnn.fp32.safetensors")
    features = torch.zeros(2, ThreeBranch.features)
    features[1, ThreeBranch.embedding.start] = 2.0
    root = tmp_path / "data"
    root.mkdir()
    points = noisy_points("arousal-head", RECORDS, features, root)
    assert points[:, 0].isnan().all()
    assert points[:, 1].tolist() == [0.5, 0.75]
    with pytest.raises(ConfigError, match="three-branch"):
        noisy_points("arousal-head", RECORDS, features[:, :3], root)
