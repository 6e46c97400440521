"""Networks of timm as backbones."""

from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import SpaceModel
from va_space.encoders.pretrained import load_model, save_model
from va_space.errors import CheckpointError, ConfigError
from va_space.media.settings import AudioSettings, PictureSettings
from va_space.networks.backbones import load_initial_weights, make_backbone, pretrained_statistics

NETWORKS = ["timm:resnet18", "timm:mobilenetv3_small_050", "timm:vit_tiny_patch16_224"]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("channels", [1, 2])
def test_any_network_takes_spectrograms(name, channels):
    backbone = make_backbone(name, channels).eval()
    with torch.no_grad():
        mel = torch.rand(2, channels, 96, 128)
        assert backbone(mel).shape == (2, backbone.features)
        stages = backbone.stages(mel)
    assert len(stages) > 1
    assert all(stage.ndim == 2 and len(stage) == 2 for stage in stages)


def test_features_are_timms_and_resnets_are_torchvisions():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        reference = timm.create_model("resnet18", pretrained=False, num_classes=7).eval()
    ours, theirs = make_backbone("timm:resnet18").eval(), make_backbone("resnet18").eval()
    ours.load_weights(reference.state_dict())
    theirs.load_weights(reference.state_dict())
    pictures = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        wanted = reference.forward_head(reference.forward_features(pictures), pre_logits=True)
        torch.testing.assert_close(ours(pictures), wanted)
        torch.testing.assert_close(theirs(pictures), wanted)
        torch.testing.assert_close(ours.stages(pictures)[-1], theirs.stages(pictures)[-1])


def test_local_weights_fit_one_channel(tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        state = timm.create_model("resnet18", pretrained=False).state_dict()
    save_file(state, tmp_path / "weights.safetensors")
    backbone = make_backbone("timm:resnet18", channels=1).eval()
    load_initial_weights(backbone, str(tmp_path / "weights.safetensors"), "timm:resnet18")
    wide = make_backbone("timm:resnet18").eval()
    wide.load_weights(state)
    mel = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(backbone(mel), wide(mel.expand(-1, 3, -1, -1)), rtol=1e-4, atol=1e-4)
    with pytest.raises(CheckpointError, match="the weights are of another network"):
        load_initial_weights(
            make_backbone("timm:resnet34"), str(tmp_path / "weights.safetensors"), "timm:resnet34"
        )


def test_preprocessing_goes_with_the_weights():
    assert pretrained_statistics("timm:vit_tiny_patch16_224") == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert pretrained_statistics("resnet18") is None


@pytest.mark.parametrize(("name", "hint"), [("timm:resnet1", "resnet1"), ("timm:", "list_models")])
def test_an_unknown_network_is_told_with_near_ones(name, hint):
    with pytest.raises(ConfigError, match=hint):
        make_backbone(name)


def test_a_failed_download_says_how_to_go_on(monkeypatch):
    def unreachable(*_, **__):
        raise OSError("no network")

    backbone = make_backbone("timm:resnet18")
    monkeypatch.setattr("timm.create_model", unreachable)
    with pytest.raises(CheckpointError, match="give the local file instead of 'imagenet'"):
        load_initial_weights(backbone, "imagenet", "timm:resnet18")


def test_a_space_with_timm_on_both_sides_is_saved_with_its_names(tmp_path: Path):
    config = SpaceConfig(
        picture_backbone="timm:mobilenetv3_small_050",
        music_backbone="timm:resnet18",
        dimension=8,
        hidden=4,
        picture=PictureSettings(size=32, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
        audio=AudioSettings(window_seconds=1.0, n_mels=32),
    )
    model = SpaceModel(config).eval()
    save_model(model, tmp_path)
    again, _ = load_model(tmp_path)
    assert again.config == config
    pictures, mel = torch.rand(2, 3, 32, 32), torch.rand(2, 1, 32, 40)
    with torch.no_grad():
        torch.testing.assert_close(again.picture_encoder(pictures), model.picture_encoder(pictures))
        torch.testing.assert_close(again.music_encoder(mel), model.music_encoder(mel))


def test_a_backbone_from_outside_is_one_registered_class(forget_additions):
    from va_space.networks.backbone import Backbone
    from va_space.networks.backbones import BACKBONES

    forget_additions(BACKBONES)

    @BACKBONES.register("thumbnail")
    class Thumbnail(Backbone):
        def __init__(self, variant, channels):
            super().__init__()
            self.side, self.features = int(variant), channels * int(variant) ** 2

        def forward(self, inputs):
            return torch.nn.functional.adaptive_avg_pool2d(inputs, self.side).flatten(1)

    config = SpaceConfig("thumbnail:4", "thumbnail:2", dimension=8, hidden=4)
    model = SpaceModel(config).eval()
    with torch.no_grad():
        assert model.picture_encoder(torch.rand(2, 3, 32, 32)).shape == (2, 8)
        assert model.music_encoder(torch.rand(2, 1, 32, 40)).shape == (2, 8)
    with pytest.raises(CheckpointError, match="has no weights to download"):
        load_initial_weights(model.picture_encoder.backbone, "imagenet", "thumbnail:4")
