"""A folder of 300 good files and 30 bad ones embeds completely, with 30 reports and status 1."""

import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
from bad_files import make_bad_files
from PIL import Image

pytestmark = pytest.mark.slow

# Enough for every kind that the model reads without an extra.
PICTURES = (".png", ".jpg", ".webp", ".gif", ".bmp")
SOUNDS = (".wav", ".flac", ".ogg")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixed")
    generator = np.random.default_rng(0)
    for number in range(225):
        pixels = generator.integers(0, 256, (24, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"picture{number:03}{PICTURES[number % len(PICTURES)]}")
    (folder / "more").mkdir()
    for number in range(75):
        samples = generator.uniform(-0.5, 0.5, 8000 + 100 * number)
        soundfile.write(folder / "more" / f"sound{number:03}{SOUNDS[number % len(SOUNDS)]}", samples, 8000)
    good = {path for path in folder.rglob("*") if path.is_file()}
    bad = set(make_bad_files(folder))
    assert (len(good), len(bad)) == (300, 30)
    return folder, good, bad


def test_bad_files_are_reported_and_all_good_ones_embedded(folder, tiny_model, tmp_path):
    folder, good, bad = folder
    output = tmp_path / "vectors.parquet"
    command = [sys.executable, "-m", "va_space", "embed", folder, "-o", output, "--model", tiny_model]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stderr
    assert result.stdout == ""

    table = pq.read_table(output)
    assert set(table["path"].to_pylist()) == {str(path) for path in good}
    assert table.num_rows == 300
    np.testing.assert_allclose(np.linalg.norm(np.stack(table["vector"].to_pylist()), axis=1), 1, atol=1e-3)

    *lines, saved, failed = result.stderr.splitlines()
    # libsndfile's mp3 decoder has remarks of its own on standard error.
    lines = [line for line in lines if not line.startswith("Warning: Xing")]
    assert len(lines) == 30, result.stderr
    for path in bad:
        (line,) = (line for line in lines if line.startswith(f"{path}: "))
        assert len(line) > len(f"{path}: ")
    assert saved == f"300 vectors in {output}"
    assert failed.startswith("30 of 330 inputs failed; they are listed in ")
