"""Results on one sheet."""

import numpy as np
import pytest
import torch
from PIL import Image

from va_space.transfer.video.results import RestyledVideo, Sample
from va_space.transfer.video.timeline import Timeline
from va_space.transfer.video.trajectory import Keyframes

pytest.importorskip("matplotlib", reason="needs matplotlib")


@pytest.mark.parametrize("count", [1, 12])
def test_frames_and_curves_are_on_it(tmp_path, count):
    from va_space.transfer.video.contact_sheet import write_sheet

    times = np.arange(20) + 0.5
    va = np.stack([np.linspace(0.3, 0.7, 20), np.full(20, 0.6)], axis=1).astype(np.float32)
    timeline = Timeline(times, np.ones((20, 4), np.float32), va, np.array([0.0, 8.0]), 20.0)
    red = Image.new("RGB", (64, 48), (250, 0, 0))
    samples = [Sample(float(second), red, np.full(2, 0.5, np.float32)) for second in range(count)]
    video = RestyledVideo(20.0, timeline, Keyframes(np.zeros(1), torch.zeros(1, 3)), [], samples)
    write_sheet(tmp_path / "new" / "sheet.png", video)
    sheet = np.asarray(Image.open(tmp_path / "new" / "sheet.png").convert("RGB")).astype(int)
    share_red = ((sheet - [250, 0, 0]).__abs__().sum(axis=2) < 10).mean()
    assert 0.01 * count < share_red < 0.08 * count
    # Lines of both curves, below the frames.
    for colour in ([255, 127, 14], [31, 119, 180]):
        rows = np.flatnonzero((np.abs(sheet - colour).sum(axis=2) < 10).any(axis=1))
        assert rows.min() > 100


@pytest.mark.parametrize("size", [(1, 1), (64, 48), (2000, 1000), (900, 3)])
def test_pictures_side_by_side(tmp_path, size):
    from va_space.transfer.video.contact_sheet import tile, write_tiles

    tiles = [
        tile("original", Image.new("RGB", size, (250, 0, 0))),
        tile("a $1 song_\\frac{", Image.new("RGB", size, (0, 0, 250)), "valence 10% → 40%, wanted $1"),
        tile("夜想曲", Image.new("RGB", size, (0, 0, 250)), "valence 10% → 40%, wanted $1"),
        tile("another", Image.new("RGB", size, (0, 0, 250)), "valence 10% → 40%, wanted $1"),
    ]
    assert all(max(tile.image.size) <= 480 for tile in tiles)
    write_tiles(tmp_path / "sheet.png", tiles)
    drawn = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB")).astype(int)
    red, blue = ((np.abs(drawn - colour).sum(axis=2) < 10).sum() for colour in ([250, 0, 0], [0, 0, 250]))
    assert red > 100
    assert 2.8 * red < blue < 3.2 * red
