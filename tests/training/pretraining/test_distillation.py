"""Teachers, and learning from them."""

import os
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torchvision import models

from va_space.errors import CheckpointError, ConfigError
from va_space.media.settings import IMAGENET_MEAN, IMAGENET_STD
from va_space.networks.backbones import load_initial_weights
from va_space.networks.backbones.mobilenet_v1_x025 import MobileNet
from va_space.networks.backbones.torchvision import TorchvisionResNet
from va_space.networks.tagger import Tagger
from va_space.training.pretraining.teachers import music_teacher, picture_teacher
from va_space.training.train import train


def published(name: str) -> str:
    root = os.environ.get("VA_SPACE_DATA")
    path = Path(root or "") / ".." / "weights" / name
    if not root or not path.exists():
        pytest.skip("VA_SPACE_DATA is unset, or the published teacher weights are not beside it")
    return str(path)


@pytest.mark.parametrize(("photo", "label"), [("coffee", 967), ("chelsea", 281)])
def test_picture_teacher_recognises_photographs(photo, label):
    from skimage import data

    teacher = picture_teacher(published("mobilenet_v1_x025_imagenet.safetensors"))
    picture = torch.from_numpy(getattr(data, photo)().copy()).permute(2, 0, 1)[None] / 255
    features, scores = teacher(picture)
    assert features.shape == (1, 384)
    assert label in scores[0].topk(5).indices.tolist()


def test_torchvision_teacher_scores_as_torchvision_does(monkeypatch):
    network = models.resnet18(weights=None).eval()
    monkeypatch.setattr(
        "torchvision.models._api.load_state_dict_from_url", lambda *_, **__: network.state_dict()
    )
    teacher = picture_teacher("torchvision:resnet18")
    pictures = torch.rand(2, 3, 160, 160)  # the size that teachers see
    normalised = (pictures - torch.tensor(IMAGENET_MEAN).view(3, 1, 1)) / torch.tensor(IMAGENET_STD).view(
        3, 1, 1
    )
    with torch.no_grad():
        features, scores = teacher(pictures)
        torch.testing.assert_close(scores, network(normalised), atol=1e-4, rtol=1e-4)
    assert features.shape == (2, 256 + 512)


def test_music_teacher_hears_the_published_spectrogram():
    path = published("fcn_music_tagging_msd.safetensors")
    teacher = music_teacher(path)
    torch.testing.assert_close(teacher.filters, load_file(path)["spec.mel_scale.fb"].T, atol=2e-5, rtol=0)
    assert teacher(torch.randn(2, 160_000)).shape == (2, 512)


def test_mel_of_the_music_teacher_equals_librosas(teachers):
    samples = np.random.default_rng(0).uniform(-1, 1, 48_000).astype(np.float32)
    teacher = music_teacher(teachers / "music.safetensors")
    spectrum = torch.stft(torch.from_numpy(samples), 512, 256, window=teacher.window, return_complex=True)
    ours = (teacher.filters @ spectrum.abs().square()).numpy()
    theirs = librosa.feature.melspectrogram(
        y=samples, sr=16_000, n_fft=512, hop_length=256, n_mels=96, htk=True, norm=None, pad_mode="reflect"
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-5 * theirs.max())


@pytest.fixture
def teachers(tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        picture = {**MobileNet().state_dict(), "fc.weight": torch.randn(10, 256), "fc.bias": torch.zeros(10)}
        for name, weights in (("picture", picture), ("music", Tagger().state_dict())):
            save_file(weights, tmp_path / f"{name}.safetensors")
    generator = np.random.default_rng(0)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "sounds").mkdir()
    for number in range(40):
        pixels = generator.integers(0, 255, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((48, 48)).save(tmp_path / "pictures" / f"{number}.png")
    for number in range(4):
        soundfile.write(tmp_path / "sounds" / f"{number}.flac", generator.uniform(-1, 1, 8000 * 55), 8000)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("modality", ["picture", "music"])
def test_distilled_weights_start_another_training(teachers, modality):
    output = teachers / "out"
    options = [
        f"output={output}",
        f"data.root={teachers}",
        f"data.cache={teachers / 'cache'}",
        "data.source=table",
        f'data.folders=["{"pictures" if modality == "picture" else "sounds"}"]',
        f"distillation.teacher={modality}.safetensors",
        "model.picture.size=32",
        "model.audio.n_mels=32",
        "schedule.batch_size=8",
        "schedule.epochs=1",
        "data.workers=0",
    ]
    folder = train(f"distil-{modality}{'s' if modality == 'picture' else ''}", options, accelerator="cpu")
    backbone = TorchvisionResNet("resnet18", channels=3 if modality == "picture" else 1)
    before = backbone.network.conv1.weight.clone()
    load_initial_weights(backbone, str(folder / "backbone.safetensors"), "resnet18")
    assert not torch.equal(before, backbone.network.conv1.weight)


def test_wrong_teachers_are_explained(tmp_path):
    with pytest.raises(ConfigError, match="neither"):
        picture_teacher("resnet50")
    save_file({"a": torch.zeros(1)}, tmp_path / "a.safetensors")
    for make in (picture_teacher, music_teacher):
        with pytest.raises(CheckpointError, match=r"a\.safetensors"):
            make(str(tmp_path / "a.safetensors"))
        with pytest.raises(CheckpointError, match=r"No such file|missing"):
            make(str(tmp_path / "missing.safetensors"))
