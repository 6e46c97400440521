"""Judges of generated pictures and sounds."""

import numpy as np
import pytest
import torch

from va_space.benchmark.context import Context
from va_space.benchmark.instrument_judges import Judge, features_of
from va_space.benchmark.tasks.instruments import run
from va_space.errors import DatasetError
from va_space.media.patches import PatchSettings


def colours(labels, rng):
    pictures = torch.randn((len(labels), 3, 16, 16), generator=rng) * 0.1
    pictures[torch.arange(len(labels)), torch.from_numpy(labels)] += 0.8
    return pictures.clamp(-1, 1)


def test_a_judge_names_what_it_has_not_seen(tiny_space):
    labels, rng = np.arange(30) % 3, torch.Generator().manual_seed(0)
    patch = PatchSettings(size=16)
    judge = Judge.fit(tiny_space, patch, [colours(labels, rng)], labels)
    others = np.arange(12)[::-1].copy() % 3
    assert (judge.name(colours(others, rng)) == others).mean() > 0.8
    assert features_of(tiny_space, colours(others, rng), patch).shape[0] == 12


def test_without_models_it_says_what_it_needs(tiny_space, tmp_path):
    with pytest.raises(DatasetError, match="--crossmodal FOLDER"):
        run(Context(tiny_space, tmp_path, tmp_path))
