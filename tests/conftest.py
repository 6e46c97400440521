"""What tests of several rooms share."""

import pytest
import torch


@pytest.fixture(scope="session")
def tiny_space():
    """A space with small random networks: quick, and with all its parts."""
    from va_space.encoders.config import SpaceConfig
    from va_space.encoders.model import SpaceModel
    from va_space.media.settings import AudioSettings, PictureSettings
    from va_space.space import VASpace

    config = SpaceConfig(
        picture_backbone="resnet18",
        music_backbone="resnet18",
        hidden=16,
        picture=PictureSettings(size=32),
        audio=AudioSettings(sample_rate=8000, window_seconds=1.0, n_fft=512, hop_length=256, n_mels=32),
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = SpaceModel(config)
    return VASpace(model, device="cpu", precision="fp32")


@pytest.fixture(scope="session")
def tiny_model(tiny_space, tmp_path_factory):
    """The same as a saved folder, to be named by --model."""
    folder = tmp_path_factory.mktemp("tiny-model")
    tiny_space.save_pretrained(folder)
    return folder
