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


def test_windows_into_a_folder(va_space, media, tiny_model, tmp_path):
    result = va_space("embed", media, "-o", f"{tmp_path}/new/", "--windows", "--model", tiny_model)
    assert result.returncode == 0, result.stderr
    (part,) = (tmp_path / "new").iterdir()
    # Two pictures, and two recordings of 2.5 s in windows of 1 s of which the last may be half empty.
    assert pq.read_table(part)["start"].to_pylist() == [None, None, 0, 1, 2, 0, 1, 2]


def test_windows_of_another_length(va_space, media, tiny_model, tmp_path):
    output = tmp_path / "v.parquet"
    command = ["embed", media, "-o", output, "--model", tiny_model, "--window-seconds"]
    assert va_space(*command, "2", "--windows").returncode == 0
    assert pq.read_table(output)["start"].to_pylist() == [None, None, 0, 0]
    for wrong in (["2"], ["0.05", "--windows"]):
        result = va_space(*command, *wrong)
        assert result.returncode == 2, result.stderr
        assert "--window-seconds" in result.stderr


def test_failures_are_reported_and_listed(va_space, media, tiny_model, tmp_path):
    missing = tmp_path / "missing.png"
    result = va_space("embed", missing, media, "-o", tmp_path / "v.parquet", "--model", tiny_model)
    assert result.returncode == 1
    assert f"{missing}: no such file" in result.stderr
    listed = tmp_path / "v.failures.parquet"
    assert f"1 of 5 inputs failed; they are listed in {listed}" in result.stderr
    assert pq.read_table(listed).to_pylist() == [{"path": str(missing), "reason": "no such file"}]


def test_without_a_good_input_nothing_is_written(va_space, tmp_path, tiny_model):
    output = tmp_path / "v.parquet"
    result = va_space("embed", tmp_path / "missing.png", "-o", output, "--model", tiny_model)
    assert result.returncode == 1
    assert not output.exists()
    assert "was not made" in result.stderr


def test_another_ending_is_wrong_usage(va_space, media, tmp_path):
    result = va_space("embed", media, "-o", tmp_path / "v.csv")
    assert result.returncode == 2
    assert ".safetensors" in result.stderr
