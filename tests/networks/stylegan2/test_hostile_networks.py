"""Hostile networks are refused with a short message, in little time and memory."""

import pytest
import torch
from hostile_networks import ATTACKS, load, public, safe, shared, tiny

from va_space.networks.stylegan2.files import load_stylegan2, save_stylegan2

INTERNALS = ("Pickled", "Error", "object at 0x", "NoneType", "argument", "Traceback", "expected ")


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused_in_one_short_line(name, tmp_path):
    (tmp_path / "network").write_bytes(ATTACKS[name](0.02))
    message = load(tmp_path / "network")
    assert message
    assert message.isprintable()
    assert len(message) < 500
    own = message.replace("construction arguments", "").replace("construction argument", "")
    assert not [word for word in INTERNALS if word in own], message


WORDS = {
    "learning rate 10^400": "mapping_learning_rate of a StyleGAN2 network cannot be about 1e400",
    "a clamp that is no number": "different or odd conv_clamp",
    "a clamp by argument that is no number": "conv_clamp of a StyleGAN2 network cannot be nan",
    "nothing": "holds a single value, not networks by name",
    "float64 beyond float32": "mapping.w_avg holds other things than finite numbers",
    "float8": "mapping.w_avg holds other things than finite numbers",
    "one storage, forty names": "are unknown",
    "nested pickles": "asks for 'torch.storage._load_from_bytes'",
    "colliding numbers as keys": "something else stands where a str is expected",
    "two million sets": "",
    "escapes in a class": r"its \x1b]0;owned\x07\x1b[2J\r\n\u202eneb is not a StyleGAN2 generator",
}


@pytest.mark.parametrize("name", WORDS)
def test_what_is_said(name, tmp_path):
    (tmp_path / "network").write_bytes(ATTACKS[name](0.02))
    assert WORDS[name] in load(tmp_path / "network")


def test_the_same_files_are_read_without_what_makes_them_hostile(tmp_path):
    for data in (public(), safe()):
        (tmp_path / "network").write_bytes(data)
        assert load(tmp_path / "network") == ""


def test_shared_lists_elsewhere_do_no_harm(tmp_path):
    (tmp_path / "network.pkl").write_bytes(public({"anything": shared(100)}))
    assert load(tmp_path / "network.pkl") == ""


def test_numbers_are_read_after_names_and_shapes(tmp_path, monkeypatch):
    """A budget of nothing for numbers: what is wrong otherwise is said all the same."""
    monkeypatch.setattr("va_space.networks.stylegan2.files.MAX_MEMORY", 0)
    (tmp_path / "right.pkl").write_bytes(public())
    assert "unpacks to more than any network" in load(tmp_path / "right.pkl")
    (tmp_path / "wrong.pkl").write_bytes(public(z_dim=5))
    assert "mapping.fc0.weight has the shape (4, 4)" in load(tmp_path / "wrong.pkl")


def test_clamping_that_stands_only_in_the_layers(tmp_path):
    """As NVlabs' StyleGAN3 code keeps it: a default of the class, in no construction argument."""
    network = tiny(conv_clamp=0.25)
    arguments = network.config.to_kwargs()
    arguments["synthesis_kwargs"].pop("conv_clamp")
    from public_pickles import dumps

    (tmp_path / "network.pkl").write_bytes(dumps({"G_ema": network}, arguments))
    loaded = load_stylegan2(tmp_path / "network.pkl")
    assert loaded.config.conv_clamp == 0.25
    z = 10 * torch.randn(3, 4, generator=torch.Generator().manual_seed(1))
    pictures = loaded(z, noise="none")
    torch.testing.assert_close(pictures, network.eval()(z, noise="none").detach())
    assert (pictures - tiny()(z, noise="none")).abs().max() > 0.25
    save_stylegan2(loaded, tmp_path / "network.safetensors")
    assert load_stylegan2(tmp_path / "network.safetensors").config == loaded.config


def test_the_kind_of_file_is_told_by_its_content(tmp_path):
    (tmp_path / "a.pkl").write_bytes(safe())
    assert load(tmp_path / "a.pkl") == ""
    (tmp_path / "b.safetensors").write_bytes(public())
    assert "safetensors" in load(tmp_path / "b.safetensors")
    torch.save({"a": torch.ones(2)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert "written by torch.save in its old format" in load(tmp_path / "old.pt")
    (tmp_path / "page.pkl").write_bytes(b"<!DOCTYPE html><html>")
    assert "a web page" in load(tmp_path / "page.pkl")
    (tmp_path / "pointer.pkl").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    assert "git lfs pull" in load(tmp_path / "pointer.pkl")
    assert "not a regular file" in load(tmp_path)


@pytest.mark.parametrize("name", ["dnnlib.tflib.network\nNetwork", "tensorflow.python\nSession"])
def test_networks_of_the_tensorflow_era(name, tmp_path):
    (tmp_path / "network.pkl").write_bytes(b"\x80\x03c" + name.encode() + b"\n)\x81}b.")
    message = load(tmp_path / "network.pkl")
    assert "made with TensorFlow" in message
    assert "legacy.py" in message


def test_stylegan3_is_named(tmp_path):
    generator = torch.nn.Module()
    generator.synthesis = torch.nn.Module()
    generator.synthesis.input = torch.nn.Module()
    generator.synthesis.input.register_buffer("transform", torch.eye(3))
    (tmp_path / "network.pkl").write_bytes(public(content={"G_ema": generator}))
    assert "is a StyleGAN3 network (T or R)" in load(tmp_path / "network.pkl")
