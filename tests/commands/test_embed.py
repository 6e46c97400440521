import numpy as np
import pyarrow.parquet as pq
import pytest


@pytest.mark.parametrize("name", ["v.parquet", "v.npz", "v.safetensors"])
def test_every_format_is_written(va_space, media, tiny_model, tmp_path, name):
    result = va_space("embed", media, "-o", tmp_path / name, "--model", tiny_model)
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert f"4 vectors in {tmp_path / name}" in result.stderr
    assert (tmp_path / name).stat().st_size > 4 * 512 * 4


def test_vectors_are_those_of_the_library(va_space, media, tiny_model, tiny_space, tmp_path):
    output = tmp_path / "v.parquet"
    va_space("embed", media, "-o", output, "--model", tiny_model, "--precision", "fp32")
    table = pq.read_table(output)
    expected = tiny_space.encode(table["path"].to_pylist())
    np.testing.assert_allclose(np.stack(table["vector"].to_pylist()), expected, atol=1e-5)


def test_without_a_good_input_nothing_is_written(va_space, tmp_path, tiny_model):
    output = tmp_path / "v.parquet"
    result = va_space("embed", tmp_path / "missing.png", "-o", output, "--model", tiny_model)
    assert result.returncode == 1
    assert not output.exists()
    assert "was not made" in result.stderr
