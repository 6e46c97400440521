"""The contact sheet shows the pictures that lie deepest in each quadrant."""

import sys

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("matplotlib")


def test_extremes_lie_deepest_in_their_quadrant(script):
    va = np.array([[0.9, 0.55], [0.7, 0.8], [0.6, 0.6], [0.4, 0.9], [0.2, 0.2], [0.5, 0.5], [0.9, 0.4]])
    extremes = script("contact_sheet").extremes
    assert extremes(va, 1, 2) == [1, 2]
    assert extremes(va, 1, 9) == [1, 2, 0, 5]
    assert extremes(va, 2, 3) == [3]
    assert extremes(va, 3, 3) == [4]
    assert extremes(va, 4, 3) == [6]


def test_sheet_of_a_folder(script, tiny_model, tiny_space, tmp_path, monkeypatch, capsys):
    random = np.random.default_rng(0)
    for number in range(5):
        pixels = random.integers(0, 256, (20 + 4 * number, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    sheet = tmp_path / "new" / "sheet.png"
    arguments = ["--model", str(tiny_model), "--pictures", str(tmp_path), "--each", "2", "-o", str(sheet)]
    monkeypatch.setattr(sys, "argv", ["contact_sheet.py", *arguments])
    script("contact_sheet").main()
    with Image.open(sheet) as image:
        assert np.asarray(image.convert("L")).std() > 5
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split("\t") == ["quadrant", "path", "valence", "arousal"]
    for line in lines:
        _, path, valence, arousal = line.split("\t")
        expected = tiny_space.predict_va([path])[0]
        assert [float(valence), float(arousal)] == pytest.approx(expected, abs=0.01)
    assert 1 <= len(lines) <= 5
