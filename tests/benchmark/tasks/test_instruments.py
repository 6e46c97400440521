"""Judges of generated pictures and sounds."""

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from va_space.benchmark.context import Context
from va_space.benchmark.instrument_judges import Judge, features_of
from va_space.benchmark.tasks.instruments import run
from va_space.errors import DatasetError
from va_space.generation.crossmodal import Crossmodal, CrossmodalConfig, CrossmodalModel
from va_space.media.patches import PatchSettings, sounds_to_patches


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


def test_what_a_model_makes_is_judged_beside_real_media(tiny_space, tmp_path):
    random = np.random.default_rng(0)
    for number, name in enumerate(("bass", "piccolo")):
        for file in range(10):
            pixels = random.integers(0, 60, (20, 20, 3)).astype(np.uint8)
            pixels[..., number] += 180
            picture = tmp_path / "instruments/pictures" / name / f"{file}.png"
            sound = tmp_path / "instruments/sounds" / name / f"{file}.wav"
            for path in (picture, sound):
                path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(picture)
            soundfile.write(sound, random.normal(0, 0.1, 8000), 16_000)
    config = CrossmodalConfig(("bass", "piccolo"), patch=PatchSettings(size=16), channels=4)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        Crossmodal(CrossmodalModel(config)).save(tmp_path / "model")
    context = Context(tiny_space, tmp_path, tmp_path, output=tmp_path, crossmodal=[tmp_path / "model"])
    result = run(context)
    rows = {row["what"]: row for row in result["rows"]}
    assert rows["real"]["accuracy"] == 1
    assert rows["real"]["chance"] == 0.5
    assert rows["real"]["by instrument"] == "bass 1.00, piccolo 1.00"
    assert rows["made for unseen files"]["n"] == 8
    assert 0.2 <= rows["made for unseen files"]["accuracy"] <= 0.8  # it has learnt nothing
    assert Image.open(tmp_path / "sound-to-picture.png").size == (128, 16)


@pytest.mark.slow
def test_patches_are_judged_as_sounds(tiny_space):
    patch = PatchSettings()
    sounds = torch.randn((2, patch.samples), generator=torch.Generator().manual_seed(0)) * 0.1
    real = features_of(tiny_space, sounds, patch)
    again = features_of(tiny_space, sounds_to_patches(sounds, patch), patch)
    assert real.shape == again.shape
    assert np.corrcoef(real[0], again[0])[0, 1] > 0.7
