import json

import pytest

pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")


@pytest.mark.slow
def test_files_and_their_differences_are_shown(va_space, tiny_model, tmp_path):
    result = va_space("export-onnx", "-m", tiny_model, "-o", tmp_path / "onnx", "--json")
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert [row["file"] for row in rows] == [
        str(tmp_path / "onnx" / f"{n}.onnx") for n in ("pictures", "music")
    ]
    assert all(0 <= row["largest difference to torch"] < 1e-4 and row["bytes"] > 1000 for row in rows)
    assert "Warning" not in result.stderr
    assert "va-space.json" in result.stderr
