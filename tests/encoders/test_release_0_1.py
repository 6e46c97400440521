"""A model saved by release 0.1 loads from its folder and gives what it gave there.

``tests/golden/release-0.1.json`` has a small configuration as 0.1 wrote it, the names and shapes of its
tensors there, and what 0.1 answered for :func:`filled` tensors and the inputs of this test.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from va_space.errors import CheckpointError
from va_space.space import VASpace

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "release-0.1.json").read_text())


def filled(index: int, name: str, shape: list[int]) -> torch.Tensor:
    """Numbers that look random, at the size that keeps features in range; variances are positive."""
    values = np.sin(np.arange(math.prod(shape), dtype=np.float64) * 12.9898 + index) * 43758.5453
    values = 2 * (values - np.floor(values)) - 1  # -1 to 1
    size = math.sqrt(3 / math.prod(shape[1:])) if len(shape) > 1 else 0.1
    tensor = torch.from_numpy(size * values).float().reshape(shape)
    if name.endswith("num_batches_tracked"):
        return tensor.long()
    positive = ("weight", "running_var", "scale", "deviation") if len(shape) < 2 else ()
    return tensor.abs() + 0.5 if name.endswith(positive) else tensor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    state = {
        name: filled(index, name, shape) for index, (name, shape) in enumerate(GOLDEN["tensors"].items())
    }
    save_file(state, tmp_path / "model.safetensors", metadata={"format": "pt"})
    (tmp_path / "config.json").write_text(json.dumps(GOLDEN["config"], indent=2))
    return tmp_path


def test_it_answers_as_it_did(folder):
    with pytest.warns(DeprecationWarning, match="configuration is now"):
        space = VASpace.from_pretrained(folder, device="cpu", precision="fp32")
    picture = (127 * np.sin(np.arange(80 * 60 * 3) / 7) + 128).astype(np.uint8).reshape(60, 80, 3)
    sound = np.sin(np.arange(25 * 16_000) ** 1.2 / 50).astype(np.float32)
    inputs = [picture, (sound, 16_000)]
    vectors = space.encode(inputs)
    np.testing.assert_allclose(vectors, GOLDEN["vectors"], atol=1e-5)
    np.testing.assert_allclose(space.predict_va(inputs), GOLDEN["va"], atol=1e-5)
    np.testing.assert_allclose(space.similarity(vectors[:1], vectors[1:]), GOLDEN["similarity"], atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*configuration is now:DeprecationWarning")
@pytest.mark.parametrize("change", ["key", "tensor"])
def test_what_cannot_be_read_says_which_release_can(folder, change):
    config = json.loads((folder / "config.json").read_text())
    if change == "key":
        config["space"]["smell_backbone"] = "nose"
    else:
        config["space"]["dimension"] = 99
    (folder / "config.json").write_text(json.dumps(config | {"version": 3}))
    with pytest.raises(CheckpointError, match="later release"):
        VASpace.from_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError, match=r"since 0\.1"):
        VASpace.from_pretrained(folder)
