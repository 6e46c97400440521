"""Training of pictures for sounds and of sounds for pictures, small: two instruments, 16 pixels."""

import json

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from typer.testing import CliRunner

from va_space.cli import app
from va_space.errors import CheckpointError, ConfigError, DatasetError, MediaError
from va_space.generation.crossmodal import Crossmodal
from va_space.training.engine.augment import step_rng
from va_space.training.gan.augment import shift
from va_space.training.train import train

SECONDS = 16 * 256 / 16_000


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Red pictures and low tones, blue pictures and high tones."""
    root = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(0)
    for name, channel, hertz in (("bass", 0, 300), ("piccolo", 2, 3000)):
        for number in range(10):
            pixels = random.integers(0, 60, (20, 24, 3)).astype(np.uint8)
            pixels[..., channel] += 180
            path = root / "instruments" / "pictures" / name / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
            times = np.arange(int(2.2 * SECONDS * 16_000)) / 16_000
            tone = np.sin(2 * np.pi * hertz * random.uniform(0.9, 1.1) * times)
            path = root / "instruments" / "sounds" / name / f"{number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, 0.5 * tone + random.normal(0, 0.01, len(tone)), 16_000)
    return root


def overrides(root, output, *more):
    small = ("size=16", "channels=8", "discriminator_channels=8", "features=8", "latent=4")
    return [
        f"data.root={root}",
        f"data.cache={root / 'cache'}",
        f"output={output}",
        *(f"crossmodal.{each}" for each in small),
        "crossmodal.encoder.epochs=20",
        "crossmodal.encoder.batch_size=4",
        "crossmodal.snapshot_epochs=2",
        "schedule.batch_size=4",
        "schedule.epochs=4",
        *more,
    ]


def run(root, output, recipe="sound-to-picture", *more):
    return train(recipe, overrides(root, output, *more), accelerator="cpu")


@pytest.fixture(scope="module")
def painter(root, tmp_path_factory):
    """Pictures for sounds, long enough to have learnt the colours."""
    output = tmp_path_factory.mktemp("runs") / "painter"
    run(root, output, "sound-to-picture", "schedule.epochs=40", "crossmodal.snapshot_epochs=20")
    return output


@pytest.fixture(scope="module")
def player(root, tmp_path_factory):
    """Sounds for pictures, hardly trained."""
    output = tmp_path_factory.mktemp("runs") / "player"
    run(root, output, "picture-to-sound")
    return output


def test_pictures_have_the_colour_of_what_is_heard(root, painter):
    model = Crossmodal.load(painter)
    red, blue = (
        np.mean(
            [np.asarray(each) for each in model.pictures(root / f"instruments/sounds/{name}/0.wav", 8)],
            (0, 1, 2),
        )
        for name in ("bass", "piccolo")
    )
    assert red[0] - red[2] > blue[0] - blue[2] + 60


def test_what_a_training_leaves(painter):
    history = json.loads((painter / "history.json").read_text())
    assert len(history) == 2
    assert {"d", "g", "r1", "named", "named_made", "seconds"} <= set(history[0])
    assert len(list((painter / "samples").glob("*.png"))) == 2
    encoder = json.loads((painter / "encoder" / "history.json").read_text())
    assert encoder[-1]["accuracy"] == 1
    assert not list(painter.glob("*.p*kl"))


def test_a_stopped_training_goes_on_as_if_it_had_not_been(root, player, tmp_path, monkeypatch):
    from va_space.training.crossmodal.trainer import CrossmodalTrainer

    whole_step, seen = CrossmodalTrainer.step, []

    def stopping(self, step, batch):
        seen.append(step)
        if len(seen) == 7:
            raise KeyboardInterrupt
        return whole_step(self, step, batch)

    monkeypatch.setattr(CrossmodalTrainer, "step", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(root, tmp_path, "picture-to-sound")
    monkeypatch.setattr(CrossmodalTrainer, "step", whole_step)
    run(root, tmp_path, "picture-to-sound")
    whole, resumed = (Crossmodal.load(folder).model.state_dict() for folder in (player, tmp_path))
    assert all(torch.equal(resumed[name], value) for name, value in whole.items())
    with pytest.raises(CheckpointError, match=r"crossmodal\.latent"):
        run(root, tmp_path, "picture-to-sound", "crossmodal.latent=5")


@pytest.mark.parametrize("encoding", ["autoencoder", "one-hot"])
def test_every_encoding_trains_and_tells_the_generator_what_is_heard(root, encoding, tmp_path):
    run(root, tmp_path, "sound-to-picture", f"crossmodal.encoding={encoding}", "crossmodal.mismatched=false")
    model = Crossmodal.load(tmp_path)
    low, high = (
        model.pictures(root / f"instruments/sounds/{name}/1.wav", seed=3)[0] for name in ("bass", "piccolo")
    )
    assert low.tobytes() != high.tobytes()


def test_input_and_seed_change_what_is_made(root, player):
    model = Crossmodal.load(player)
    pictures = [root / f"instruments/pictures/{name}/0.png" for name in ("bass", "piccolo")]
    sounds = model.sounds(pictures[0], 2, seed=1)
    assert sounds.shape == (2, 16 * 256)
    np.testing.assert_array_equal(model.sounds(pictures[0], 2, seed=1), sounds)
    assert np.abs(sounds[0] - sounds[1]).max() > 1e-3
    assert np.abs(model.sounds(pictures[0], 2, seed=2) - sounds).max() > 1e-3
    assert np.abs(model.sounds(pictures[1], 2, seed=1) - sounds).max() > 1e-3


def test_the_verb_writes_takes(root, painter, player, tmp_path):
    sound, picture = root / "instruments/sounds/bass/0.wav", root / "instruments/pictures/bass/0.png"
    ran = CliRunner().invoke(
        app, ["generate", str(sound), "-m", str(painter), "-o", str(tmp_path / "a.png"), "--takes", "2"]
    )
    assert ran.exit_code == 0, ran.output
    assert Image.open(tmp_path / "a-2.png").size == (16, 16)
    ran = CliRunner().invoke(
        app, ["generate", str(picture), "-m", str(player), "-o", str(tmp_path / "a.wav")]
    )
    assert ran.exit_code == 0, ran.output
    assert soundfile.info(tmp_path / "a.wav").samplerate == 16_000


def test_what_does_not_fit_is_refused(root, painter, tmp_path):
    model = Crossmodal.load(painter)
    with pytest.raises(ConfigError, match=r"from sound to picture; the name must end with \.png"):
        model.save_takes(root / "instruments/sounds/bass/0.wav", tmp_path / "a.wav")
    with pytest.raises(ConfigError, match="goes from sound to picture"):
        model.sounds(root / "instruments/pictures/bass/0.png")
    with pytest.raises(MediaError):
        model.pictures(root / "instruments/pictures/bass/0.png")
    with pytest.raises(CheckpointError, match=r"it has no crossmodal\.safetensors"):
        Crossmodal.load(tmp_path)
    content = (painter / "crossmodal.safetensors").read_bytes()
    (tmp_path / "crossmodal.safetensors").write_bytes(content[:-10])
    with pytest.raises(CheckpointError, match="damaged"):
        Crossmodal.load(tmp_path)


def test_bad_recipes_are_refused(root, tmp_path):
    with pytest.raises(ConfigError, match="no such instrument dataset as 'folder'"):
        run(root, tmp_path, "sound-to-picture", "crossmodal.dataset=folder")
    with pytest.raises(ConfigError, match=r"crossmodal\.size: a side of 24 is not 8, 16, 32"):
        run(root, tmp_path, "sound-to-picture", "crossmodal.size=24")
    with pytest.raises(DatasetError, match="no such folder"):
        run(root, tmp_path, "sound-to-picture", "crossmodal.folder=elsewhere")


def test_patches_are_moved_by_whole_frames_and_bands():
    patches = torch.full((64, 1, 32, 32), -1.0)
    patches[:, :, 10, 20] = 1
    moved = shift(patches, 1.0, step_rng(0, 0, 0))
    assert torch.equal(shift(patches, 0.0, step_rng(0, 0, 0)), patches)
    torch.testing.assert_close(moved.amax(dim=(1, 2, 3)), torch.ones(64), atol=1e-4, rtol=0)
    places = moved.flatten(1).argmax(dim=1)
    rows, columns = places // 32, places % 32
    assert rows.min() == 9
    assert rows.max() == 11
    assert 16 <= columns.min() < 20 < columns.max() <= 24
