import numpy as np
import pytest
import tiny_networks
import torch

from va_space.errors import CheckpointError, ConfigError
from va_space.generation.neural import load_model
from va_space.generation.neural.musicgen import MusicGen
from va_space.generation.neural.players import joined
from va_space.generation.neural.stable_audio import StableAudio
from va_space.media.loudness import integrated_loudness


@pytest.fixture(scope="module", params=["musicgen", "stable_audio"])
def player(request, load):
    kind = {"musicgen": MusicGen, "stable_audio": StableAudio}[request.param]
    made = kind(load(request.param, kind.kind))
    if isinstance(made, StableAudio):
        made.steps = 4
    return made


@pytest.fixture(scope="module")
def sound(player):
    return player.play("sad music", 1.2, seed=1)


def test_the_length_and_the_level_hold(player, sound):
    assert sound.shape == (2, round(1.2 * player.sample_rate))
    assert sound.dtype == np.float32
    assert np.abs(sound).max() <= 0.9
    assert integrated_loudness(sound, player.sample_rate) == pytest.approx(-16, abs=1.5)
    assert np.abs(sound[:, [0, -1]]).max() == 0
    assert np.abs(sound[:, -2000:-500]).max() > 0.01  # music to the end


def test_the_same_seed_is_the_same_sound_and_chance_goes_on_as_before(player, sound):
    before = torch.random.get_rng_state()
    np.testing.assert_array_equal(player.play("sad music", 1.2, seed=1), sound)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    "other",
    [
        {"text": "happy music"},
        {"seed": 2},
        {"negative": "noise"},
        {"negative": "piano"},
    ],
    ids=str,
)
def test_every_condition_changes_the_sound(player, sound, other):
    asked = {"text": "sad music", "seed": 1, **other}
    changed = player.play(asked.pop("text"), 1.2, **asked)
    assert not np.array_equal(changed, sound)
    if other == {"negative": "piano"}:
        assert not np.array_equal(changed, player.play("sad music", 1.2, seed=1, negative="noise"))


def test_longer_than_it_plays_at_once(folders, tmp_path_factory):
    folder = tiny_networks.musicgen(tmp_path_factory.mktemp("short"), positions=130)
    player = MusicGen(load_model(folder, "music", device="cpu"))
    heard = []
    sound = player.play("sad music", 4.1, seed=1, progress=heard.append)
    assert sound.shape == (2, round(4.1 * 8000))
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(4.1, abs=0.03)
    loud = np.abs(sound.reshape(2, 41, -1)).max(axis=(0, 2))
    assert loud.min() > 0.01


def test_a_continuation_goes_on_from_what_was_played(load):
    player = MusicGen(load("musicgen", "music"))
    conditions = player._conditions("sad music", "")
    rng = np.random.default_rng(0)
    prompts = [rng.normal(0, 0.2, (1, 1600)).astype(np.float32) for _ in range(2)]
    first, second = (
        player._generate(conditions, 40, prompt, (1,), lambda tokens: None)[:, 1600:] for prompt in prompts
    )
    assert first.shape == second.shape == (1, 30 * 160)
    assert not np.array_equal(first, second)


def test_stable_audio_in_pieces(load):
    player = StableAudio(load("stable_audio", "diffusion music"))
    player.steps = 2
    heard = []
    sound = player.play("sad music", 4.0, seed=1, progress=heard.append)
    assert sound.shape == (2, 32_000)
    assert heard[-1] == 4.0
    assert np.abs(sound.reshape(2, 20, -1)).max(axis=(0, 2)).min() > 0


def test_pieces_that_are_alike_are_joined_without_a_trace():
    whole = np.sin(np.arange(100, dtype=np.float32))[None]
    np.testing.assert_allclose(joined(whole[:, :70], whole[:, 40:], 30), whole, atol=1e-6)


def test_a_model_that_computes_no_numbers(load, monkeypatch):
    player = MusicGen(load("musicgen", "music"))
    monkeypatch.setattr(player, "_play", lambda *_: np.full((1, 8000), np.nan, np.float32))
    with pytest.raises(CheckpointError, match="computes no numbers"):
        player.play("sad music", 1.0)


def test_what_cannot_be_played(load):
    player = MusicGen(load("musicgen", "music"))
    for wrong in ({"text": " "}, {"seconds": 0.1}, {"seconds": 5000}, {"seed": -1}):
        asked = {"text": "sad music", "seconds": 1.0, **wrong}
        with pytest.raises(ConfigError):
            player.play(asked.pop("text"), asked.pop("seconds"), **asked)
