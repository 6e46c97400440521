import json
import shutil

import pytest
import tiny_networks
import torch

from va_space.errors import CheckpointError, ConfigError, ResourceError
from va_space.generation.neural import MODELS, load_model
from va_space.generation.neural.memory import check_memory
from va_space.generation.neural.table import DEFAULTS

pytest.importorskip("diffusers", reason="needs the extra neural")


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    return tiny_networks.llama(tmp_path_factory.mktemp("llama"))


@pytest.fixture
def copy(llama, tmp_path):
    return shutil.copytree(llama, tmp_path / "copy")


def test_a_folder_is_loaded(llama):
    before = torch.random.get_rng_state()
    model = load_model(llama, "language", device="cpu")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not model.network.training
    assert model.weights.floats == sum(value.numel() for value in model.network.parameters())
    assert model.fingerprint == load_model(llama, "language", device="cpu").fingerprint
    assert model.card is None


def test_the_precision_is_as_asked_for(llama):
    model = load_model(llama, "language", device="cpu", dtype=torch.bfloat16)
    assert next(model.network.parameters()).dtype == torch.bfloat16


def test_what_is_not_there_is_not_fetched(monkeypatch, tmp_path):
    import huggingface_hub

    real, asked = huggingface_hub.snapshot_download, []

    def recorded(*arguments, **options):
        asked.append(options["local_files_only"])
        return real(*arguments, cache_dir=tmp_path, **options)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", recorded)
    with pytest.raises(CheckpointError, match=r"CC-BY-NC-4.0.*download=True.*--local-dir musicgen-small"):
        load_model("musicgen-small", "music")
    assert asked == [True]


def test_a_name_of_the_hub_is_found_in_its_cache(llama, monkeypatch, tmp_path):
    """As the hub's client lays files down, and with the hub switched off."""
    commit = "0" * 40
    repository = tmp_path / "models--someone--llama"
    shutil.copytree(llama, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    import huggingface_hub

    real = huggingface_hub.snapshot_download
    monkeypatch.setattr(
        huggingface_hub, "snapshot_download", lambda *a, **options: real(*a, cache_dir=tmp_path, **options)
    )
    assert load_model("someone/llama", "language", device="cpu").name == "someone/llama"
    with pytest.raises(CheckpointError, match=r"could not be fetched.*--local-dir other"):
        load_model("someone/other", "language", download=True)


def test_a_name_that_means_nothing(tmp_path):
    with pytest.raises(CheckpointError, match="no model of this kind has that name: musicgen-small"):
        load_model("musicgem", "music")
    with pytest.raises(CheckpointError, match="is no folder"):
        load_model(tmp_path / "nothing", "music")


def test_a_model_of_another_kind(llama, tmp_path):
    with pytest.raises(
        ConfigError, match="musicgen-small is for music, not for caption: there are blip-base"
    ):
        load_model("musicgen-small", "caption")
    with pytest.raises(CheckpointError, match=r"not a MusicGen .*: it holds LlamaForCausalLM"):
        load_model(llama, "music")
    with pytest.raises(CheckpointError, match=r"not a text-to-picture .*: it has no model_index.json"):
        load_model(llama, "painting")
    with pytest.raises(CheckpointError, match=r"not a causal language model .*: it has no config.json"):
        load_model(tmp_path, "language")


def test_a_truncated_file_of_weights(copy):
    weights = copy / "model.safetensors"
    content = weights.read_bytes()
    for kept in (len(content) - 1000, 40, 3, 0):
        weights.write_bytes(content[:kept])
        with pytest.raises(CheckpointError, match="half a download"):
            load_model(copy, "language")


def test_a_missing_shard(copy):
    index = copy / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}))
    (copy / "model.safetensors").rename(copy / "model-1.safetensors")
    with pytest.raises(CheckpointError, match=r"1 of 2 files of weights are missing, such as model-2"):
        load_model(copy, "language")
    index.write_text('{"weight_map": {"a": "../../other.safetensors"}}')
    with pytest.raises(CheckpointError, match="other folders"):
        load_model(copy, "language")


def test_pickled_weights_are_not_opened(copy):
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(CheckpointError, match=r"pickled .* not opened"):
        load_model(copy, "language")


def test_weights_that_lack_some(copy):
    from safetensors.torch import load_file, save_file

    state = load_file(copy / "model.safetensors")
    del state["model.layers.0.mlp.up_proj.weight"]
    save_file(state, copy / "model.safetensors", {"format": "pt"})
    with pytest.raises(CheckpointError, match=r"lacks weights"):
        load_model(copy, "language")


def test_a_part_of_a_pipeline_is_missing(tmp_path):
    folder = tiny_networks.stable_audio(tmp_path / "stable")
    shutil.rmtree(folder / "vae")
    with pytest.raises(CheckpointError, match="the part vae is missing"):
        load_model(folder, "diffusion music")


def test_no_memory(llama, monkeypatch):
    monkeypatch.setattr("va_space.generation.neural.memory.free_memory", lambda device: 10_000)
    with pytest.raises(ResourceError, match=r"wants about 0.0 GB of memory.*0.0 GB are free"):
        load_model(llama, "language", device="cpu")
    with pytest.raises(
        ResourceError, match=r"big wants about 16.9 GB of memory, 13.5 GB of it for its weights"
    ):
        check_memory("big", 13_500_000_000, torch.device("cpu"))


def test_the_table():
    assert set(DEFAULTS) == {card.kind for card in MODELS.values()}
    assert all(MODELS[name].kind == kind for kind, name in DEFAULTS.items())
    assert all(card.licence == "CC-BY-NC-4.0" for name, card in MODELS.items() if "musicgen" in name)
