"""Exported graphs, fed as their description says, against the library itself."""

import json
import sys

import numpy as np
import pytest
import torch

pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

import onnxruntime

from va_space import VASpace
from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import SpaceModel
from va_space.errors import MissingExtraError, VASpaceError
from va_space.export import onnx as onnx_export
from va_space.media.settings import AudioSettings, PictureSettings


@pytest.fixture(scope="module")
def space():
    """Small networks with all that the spectrogram can have, calibrated for pictures alone."""
    config = SpaceConfig(
        picture_backbone="resnet18",
        music_backbone="resnet18",
        dimension=24,
        hidden=8,
        picture=PictureSettings(size=32),
        audio=AudioSettings(
            sample_rate=8000, window_seconds=1.0, n_fft=512, hop_length=256, n_mels=32, semitones=True
        ),
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = SpaceModel(config)
    model.picture_va.calibrate(torch.tensor([0.5, 2.0]), torch.tensor([0.2, -0.5]), torch.tensor([0.1, 0.2]))
    return VASpace(model, fingerprint="of a test", device="cpu", precision="fp32")


@pytest.fixture(scope="module")
def folder(space, tmp_path_factory):
    folder = tmp_path_factory.mktemp("onnx") / "new"
    onnx_export.export_onnx(space.model, folder, fingerprint=space.fingerprint)
    return folder


def run(path, inputs):
    session = onnxruntime.InferenceSession(path)
    (source,) = session.get_inputs()
    values = session.run(None, {source.name: inputs})
    return dict(zip([output.name for output in session.get_outputs()], values, strict=True))


@pytest.mark.parametrize("count", [1, 5])
def test_pictures_of_any_number_agree_with_the_library(folder, space, count):
    pictures = np.random.default_rng(count).random((count, 3, 32, 32), np.float32)
    # The library rounds pictures to bytes: start from what bytes can say.
    pictures = np.round(pictures * 255).astype(np.float32) / 255
    found = run(folder / "pictures.onnx", pictures)
    np.testing.assert_allclose(found["vectors"], space.encode(list(pictures)), atol=1e-4)
    np.testing.assert_allclose(found["valence_arousal"], space.predict_va(list(pictures)), atol=1e-4)


@pytest.mark.parametrize("count", [1, 4])
def test_a_track_agrees_with_the_library(folder, space, count):
    samples = np.random.default_rng(count).uniform(-0.5, 0.5, (count, 8000)).astype(np.float32)
    found = run(folder / "music.onnx", samples)
    track = samples.reshape(-1), 8000
    np.testing.assert_allclose(found["vectors"], space.encode(track, windows=True).vectors, atol=1e-4)
    np.testing.assert_allclose(found["track_vector"][0], space.encode(track), atol=1e-4)
    np.testing.assert_allclose(found["track_valence_arousal"][0], space.predict_va(track), atol=1e-4)
    expected = space.predict_va_from_vectors(found["vectors"], "music")
    np.testing.assert_allclose(found["valence_arousal"], expected, atol=1e-4)


def test_the_description_is_that_of_the_graphs(folder, space):
    about = json.loads((folder / "va-space.json").read_text())
    assert about["fingerprint"] == "of a test"
    assert SpaceConfig.from_dict(about["space"]) == space.config
    assert about["deviation"]["picture"] == pytest.approx([0.1, 0.2])
    assert about["deviation"]["music"] is None
    for name, described in about["files"].items():
        session = onnxruntime.InferenceSession(folder / name)
        assert list(described) == [part.name for part in (*session.get_inputs(), *session.get_outputs())]
        assert session.get_modelmeta().custom_metadata_map["fingerprint"] == "of a test"
        assert 0 <= about["largest difference"][name] <= onnx_export.TOLERANCE
    assert sorted(path.name for path in folder.iterdir()) == ["music.onnx", "pictures.onnx", "va-space.json"]


def test_a_graph_that_differs_is_not_written(tmp_path):
    class Restless(torch.nn.Module):
        """Counts how often torch runs it, which a graph cannot know."""

        calls = 0

        def forward(self, values):
            self.calls += 1
            return (values * self.calls,)

    about = {
        "format": "f",
        "fingerprint": "x",
        "identity": "x",
        "files": {"some.onnx": {"values": "", "times": ""}},
    }
    with pytest.raises(VASpaceError, match=r"some\.onnx: onnxruntime and torch differ by"):
        onnx_export._export(Restless(), lambda n: torch.ones(n, 3), tmp_path / "some.onnx", about)
    assert list(tmp_path.iterdir()) == []


def test_without_onnx_the_extra_is_named(space, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(MissingExtraError, match=r"va-space\[onnx\]"):
        onnx_export.export_onnx(space.model, tmp_path, fingerprint="x")
