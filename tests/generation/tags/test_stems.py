"""Stems, by a small random network of the real kind."""

import json

import numpy as np
import pytest
import torch

from va_space.errors import CheckpointError
from va_space.generation.tags.hearing import shipped_taggers
from va_space.generation.tags.stems import _PIECE, _pieces, as_stem_model, load_stem_model, stems_of

htdemucs = pytest.importorskip("demucs.htdemucs", reason="needs the extra stems")
KWARGS = {
    "sources": ["drums", "vocals"],
    "channels": 8,
    "t_layers": 1,
    "t_heads": 2,
    "samplerate": 16_000,
    "segment": 2,
}


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return htdemucs.HTDemucs(**KWARGS)


def save(network, path, klass="demucs.htdemucs.HTDemucs", **about):
    from safetensors.torch import save_file

    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(state, path, {"klass": klass, "args": "[]", "kwargs": json.dumps(KWARGS)} | about)
    return path


@pytest.fixture
def folder(network, tmp_path):
    save(network, tmp_path / "abcd.safetensors")
    (tmp_path / "tiny.yaml").write_text("models: [abcd]\n")
    return tmp_path


def test_a_folder_and_a_file_are_the_same_network(folder, song):
    models = [load_stem_model(path) for path in (folder, folder / "abcd.safetensors")]
    assert models[0].sources == ("drums", "vocals")
    first, second = (model.separate(song[0]) for model in models)
    assert first.shape == (2, len(song[0]))
    np.testing.assert_array_equal(first, second)


def test_stems_say_how_loud_they_are_and_what_is_heard(network, song):
    model = as_stem_model(network)
    stems = stems_of(model, shipped_taggers(), song)
    assert [stem.name for stem in stems] == ["drums", "vocals"]
    assert all(stem.loudness is not None and -80 < stem.loudness < 0 for stem in stems)
    silent = stems_of(model, shipped_taggers(), (np.zeros(32_000, np.float32), 16_000))
    assert all(stem.instruments == () for stem in silent)


def test_a_recording_is_separated_in_pieces():
    blocks = [np.ones(7_000, np.float32)] * 100
    pieces = [len(piece) for piece in _pieces(blocks, 60_000)]
    assert sum(pieces) == 700_000
    assert max(pieces) < 2 * 60_000 + 7_000
    assert _PIECE == 60


def test_without_weights_the_error_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(CheckpointError, match=r"hf download adefossez/HTDemucs.*never downloaded unasked"):
        load_stem_model()
    with pytest.raises(CheckpointError, match="hf download"):
        load_stem_model(tmp_path)


def test_pickles_and_strangers_are_refused(network, tmp_path):
    (tmp_path / "old.th").write_bytes(b"\x80\x04")
    with pytest.raises(CheckpointError, match="pickle"):
        load_stem_model(tmp_path / "old.th")
    with pytest.raises(CheckpointError, match="pickles"):
        load_stem_model(tmp_path)
    with pytest.raises(CheckpointError, match="not weights of a network of Demucs"):
        load_stem_model(save(network, tmp_path / "bad.safetensors", klass="os.system"))
    with pytest.raises(CheckpointError, match="damaged, or of another release"):
        load_stem_model(
            save(network, tmp_path / "other.safetensors", kwargs=json.dumps(KWARGS | {"channels": 16}))
        )
