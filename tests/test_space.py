"""VASpace: what users hold."""

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from va_space import MediaError, VASpace
from va_space.encoders import embedder as embedder_module
from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import SpaceModel
from va_space.encoders.vectors import normalised_mean
from va_space.errors import CheckpointError
from va_space.media.mel import LogMel
from va_space.media.settings import PictureSettings
from va_space.space import Encoded, Failure


@pytest.fixture
def mixed(tmp_path):
    """Pictures, tracks of several lengths and a bad file, mixed."""
    generator = np.random.default_rng(0)
    paths = []
    for number in range(7):
        path = tmp_path / f"{number}.png"
        Image.fromarray(generator.integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(path)
        paths.append(path)
    for number, seconds in enumerate((0.3, 25.4, 2.0)):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, generator.uniform(-0.5, 0.5, int(seconds * 8000)), 8000)
        paths.insert(3 * number, path)
    bad = tmp_path / "bad.jpg"
    bad.write_text("not a picture")
    paths.insert(5, bad)
    return paths


def test_encode_iter_keeps_order_and_reports_failures(tiny_space, mixed):
    results = list(tiny_space.encode_iter(iter(mixed), batch_size=4))
    assert [result.source for result in results] == mixed
    assert [result.index for result in results] == list(range(len(mixed)))
    assert [type(result) for result in results].count(Failure) == 1
    assert isinstance(results[5], Failure)
    assert "neither a picture nor sound" in results[5].reason
    assert [result.modality for result in results if isinstance(result, Encoded)].count("music") == 3


def test_decoding_in_processes_changes_nothing_and_leaves_nothing(tiny_space, mixed):
    inputs = [*mixed, str(mixed[0]), soundfile.read(mixed[0])]
    here = list(tiny_space.encode_iter(inputs, batch_size=4))
    there = list(tiny_space.encode_iter(inputs, batch_size=4, processes=True))
    for one, other in zip(here, there, strict=True):
        if isinstance(one, Failure):
            assert one == other
            continue
        np.testing.assert_array_equal(one.vector, other.vector)
        assert (one.modality, one.duration) == (other.modality, other.duration)
    assert [item.duration for item in there if item.source == mixed[3]] == [pytest.approx(25.4)]
    results = tiny_space.encode_iter(mixed * 20, batch_size=2, processes=True)
    next(results)
    assert children() or not Path("/proc").is_dir()
    results.close()
    assert not children()


def children():
    """Processes of this one that are not waited for; empty where the system does not tell."""
    return [pid for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()]


def test_vectors_do_not_depend_on_company(tiny_space, mixed):
    del mixed[5]
    together = tiny_space.encode(mixed, batch_size=3)
    alone = np.stack([tiny_space.encode(path) for path in mixed])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert together.dtype == np.float32


def test_a_long_track_is_computed_in_parts_and_they_change_nothing(tiny_space, monkeypatch):
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 20 * 8000).astype(np.float32)  # 20 windows
    whole_mel, sizes = tiny_space._frontend, []
    monkeypatch.setattr(embedder_module, "_ON_PROCESSOR", 100)
    at_once = tiny_space.encode([(sound, 8000)], windows=True)[0].vectors
    monkeypatch.setattr(embedder_module, "_ON_PROCESSOR", 8)
    monkeypatch.setattr(tiny_space, "_frontend", lambda part: sizes.append(len(part)) or whole_mel(part))
    in_parts = tiny_space.encode([(sound, 8000)], windows=True)[0].vectors
    assert sizes == [8, 8, 4]
    np.testing.assert_allclose(in_parts, at_once, atol=1e-6)


def test_track_is_the_normalised_mean_of_its_windows_by_the_model_itself(tiny_space, mixed):
    path = next(path for path in mixed if path.name == "1.wav")
    track = tiny_space.encode(path, windows=True)
    settings = tiny_space.config.audio
    samples, _ = soundfile.read(path, dtype="float32")
    full = torch.from_numpy(samples[: len(samples) // 8000 * 8000]).reshape(-1, 8000)
    with torch.inference_mode():
        expected = tiny_space.model.music_encoder(LogMel(settings)(full)).numpy()
    np.testing.assert_allclose(track.vectors, expected, atol=1e-5)
    np.testing.assert_allclose(track.starts, np.arange(25))
    mean = expected.mean(axis=0)
    np.testing.assert_allclose(tiny_space.encode(path), mean / np.linalg.norm(mean), atol=1e-5)


def test_every_form_of_the_same_picture_gives_the_same_vector(tiny_space, mixed):
    path = next(path for path in mixed if path.name == "0.png")
    image = Image.open(path)
    pixels = np.asarray(image)
    tensor = torch.from_numpy(pixels.copy()).permute(2, 0, 1) / 255
    expected = tiny_space.encode(str(path))
    for form in (path, image, pixels, tensor):
        np.testing.assert_allclose(tiny_space.encode(form), expected, atol=1e-5)
    assert expected.shape == (512,)


def test_sound_as_an_array(tiny_space, mixed):
    path = next(path for path in mixed if path.name == "2.wav")
    samples, rate = soundfile.read(path, dtype="float32")
    np.testing.assert_allclose(tiny_space.encode((samples, rate)), tiny_space.encode(path), atol=1e-5)
    with pytest.raises(MediaError, match="sample rate"):
        tiny_space.encode(samples)


def test_encode_names_the_bad_file(tiny_space, mixed):
    with pytest.raises(MediaError, match=r"bad\.jpg"):
        tiny_space.encode(mixed)
    with pytest.raises(MediaError, match="a picture has no windows"):
        tiny_space.encode(mixed[1:3], windows=True)


def test_nothing_in_nothing_out(tiny_space):
    assert tiny_space.encode([]).shape == (0, 512)
    assert tiny_space.predict_va([]).shape == (0, 2)


def test_stopping_early_leaves_no_threads(tiny_space, mixed):
    results = tiny_space.encode_iter(mixed * 20, batch_size=2)
    next(results)
    results.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("va-space")]


def test_many_pictures_before_one_track_come_out_while_it_waits(tiny_space, mixed):
    track = next(path for path in mixed if path.name == "0.wav")
    pictures = [path for path in mixed if path.suffix == ".png"]
    results = tiny_space.encode_iter([track, *pictures * 10], batch_size=2)
    assert next(results).source == track
    results.close()


def test_predictions_and_similarity(tiny_space, mixed):
    del mixed[5]
    va = tiny_space.predict_va(mixed)
    assert va.shape == (len(mixed), 2)
    assert ((va > 0) & (va < 1)).all()
    assert tiny_space.predict_va(mixed[0]).shape == (2,)
    vectors = tiny_space.encode(mixed)
    similarity = tiny_space.similarity(vectors[:4], vectors[4:])
    assert similarity.shape == (4, len(mixed) - 4)
    assert ((similarity > 0) & (similarity < 1)).all()
    with pytest.raises(ValueError, match=r"\(n, 512\)"):
        tiny_space.similarity(vectors[0], vectors)


def test_bf16_agrees_with_fp32(tmp_path):
    generator = np.random.default_rng(0)
    pictures = [generator.integers(0, 255, (224, 224, 3), dtype=np.uint8) for _ in range(3)]
    y, x = np.mgrid[0:224, 0:224]
    pictures += [np.stack([x, y, (x + y) // 2], axis=-1).astype(np.uint8)]
    sounds = [(generator.uniform(-1, 1, 22050 * 10), 22050), (np.sin(np.arange(220500) / 20), 22050)]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = SpaceModel(SpaceConfig(picture=PictureSettings(size=224)))
    inputs = [*pictures, *sounds]
    exact = VASpace(model, device="cpu", precision="fp32").encode(inputs)
    quick = VASpace(model, device="cpu", precision="bf16").encode(inputs)
    assert ((exact * quick).sum(axis=1) > 0.999).all()
    assert not np.array_equal(exact, quick)
    with pytest.raises(ValueError, match="precision"):
        VASpace(model, precision="int3")


def test_saving_and_loading(tiny_space, tmp_path, mixed):
    del mixed[5]
    tiny_space.save_pretrained(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
    ]
    loaded = VASpace.from_pretrained(tmp_path / "model", device="cpu", precision="fp32")
    np.testing.assert_array_equal(loaded.encode(mixed), tiny_space.encode(mixed))
    assert loaded.config == tiny_space.config
    again = VASpace.from_pretrained(str(tmp_path / "model"))
    assert again.fingerprint == loaded.fingerprint
    assert len(loaded.fingerprint) == 64
    with pytest.deprecated_call(match="fingerprint"):
        assert loaded.identity == loaded.fingerprint


def test_bad_models_are_refused(tiny_model, tmp_path):
    with pytest.raises(CheckpointError, match=r"no config\.json"):
        VASpace.from_pretrained(tmp_path)
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((tiny_model / name).read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(CheckpointError, match="damaged"):
        VASpace.from_pretrained(tmp_path)
    config = (tiny_model / "config.json").read_text()
    (tmp_path / "config.json").write_text(config.replace('"sigma"', '"signa"'))
    with pytest.raises(CheckpointError, match="signa"):
        VASpace.from_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(config.replace('"hidden": 16', '"hidden": 17'))
    (tmp_path / "model.safetensors").write_bytes((tiny_model / "model.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match="does not fit"):
        VASpace.from_pretrained(tmp_path)


def test_a_hub_that_cannot_be_reached_is_explained(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError, match="give the folder's path"):
        VASpace.from_pretrained("hf-hub:va-space/does-not-exist")


def test_windows_overlap(tiny_space, mixed):
    path = next(path for path in mixed if path.name == "1.wav")
    samples, _ = soundfile.read(path, dtype="float32")
    seconds = []
    track = tiny_space.encode_windows(path, hop_seconds=0.25, batch_size=16, progress=seconds.append)
    assert track.duration == pytest.approx(25.4)
    np.testing.assert_allclose(track.starts[:4], [0, 0.25, 0.5, 0.75])
    assert len(track.starts) == len(track.vectors) == len(track.levels) == len(track.peaks) == 99
    assert seconds == sorted(seconds)
    assert seconds[-1] == track.duration
    for row in (0, 7, 50):
        window = samples[2000 * row : 2000 * row + 8000]
        np.testing.assert_allclose(track.vectors[row], tiny_space.encode((window, 8000)), atol=1e-5)
        assert track.levels[row] == pytest.approx(np.sqrt(np.square(window).mean()), rel=1e-5)
        assert track.peaks[row] == np.abs(window).max()


def test_windows_without_a_hop_are_those_of_encode(tiny_space, mixed):
    path = next(path for path in mixed if path.name == "1.wav")
    ours, expected = tiny_space.encode_windows(path), tiny_space.encode(path, windows=True)
    np.testing.assert_allclose(ours.vectors, expected.vectors, atol=1e-6)
    for name in ("starts", "levels", "peaks", "duration"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(expected, name))
    np.testing.assert_allclose(normalised_mean(ours.vectors), tiny_space.encode(path), atol=1e-6)


def test_windows_of_another_length(tiny_space):
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 4 * 8000).astype(np.float32)
    track = tiny_space.encode_windows((sound, 8000), window_seconds=2)
    np.testing.assert_array_equal(track.starts, [0, 2])
    expected = tiny_space.embed_music(torch.from_numpy(sound).view(2, -1)).detach()
    np.testing.assert_allclose(track.vectors, expected, atol=1e-5)
    same = tiny_space.encode((sound, 8000), windows=True, window_seconds=2)
    np.testing.assert_allclose(same.vectors, track.vectors, atol=1e-6)
    whole = tiny_space.encode((sound, 8000), window_seconds=2)
    np.testing.assert_allclose(whole, normalised_mean(track.vectors), atol=1e-6)
    assert not np.allclose(whole, tiny_space.encode((sound, 8000)), atol=1e-4)


def test_windows_of_a_length_come_from_decoding_processes_too(tiny_space, mixed):
    path = next(path for path in mixed if path.name == "1.wav")
    for processes in (False, True):
        (item,) = tiny_space.encode_iter([path], window_seconds=4, processes=processes)
        np.testing.assert_array_equal(item.starts, [0, 4, 8, 12, 16, 20])
    with pytest.raises(ValueError, match="window_seconds"):
        tiny_space.encode_iter([path], window_seconds=0.01)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"hop_seconds": 0}, "hop_seconds"),
        ({"window_seconds": 0.01}, "window_seconds"),
        ({"batch_size": 0}, "batch"),
    ],
)
def test_windows_out_of_range_are_refused(tiny_space, options, named):
    with pytest.raises(ValueError, match=named):
        tiny_space.encode_windows((np.ones(8000, np.float32), 8000), **options)


def test_windows_are_of_music(tiny_space, mixed):
    for picture in (next(path for path in mixed if path.name == "0.png"), np.zeros((9, 9, 3), np.uint8)):
        with pytest.raises(MediaError):
            tiny_space.encode_windows(picture)


def test_tensors_go_the_same_way_as_files_and_have_gradients(tiny_space, mixed):
    pixels = np.random.default_rng(0).integers(0, 255, (2, 32, 32, 3), dtype=np.uint8)
    pictures = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    pictures.requires_grad_()
    vectors, features = tiny_space.embed_pictures(pictures, return_features=True)
    np.testing.assert_allclose(vectors.detach(), tiny_space.encode(list(pixels)), atol=1e-5)
    np.testing.assert_allclose(tiny_space.model.picture_encoder.embed(features).detach(), vectors.detach())
    assert [len(stage) for stage in tiny_space.picture_stages(pictures)] == [2] * 4
    (slope,) = torch.autograd.grad(tiny_space.va_predictor("picture")(vectors)[:, 0].sum(), pictures)
    assert slope.abs().sum() > 0
    sound = torch.rand(2, 8000, generator=torch.Generator().manual_seed(0)) - 0.5
    sound.requires_grad_()
    vectors = tiny_space.embed_music(sound)
    expected = tiny_space.encode([(row, 8000) for row in sound.detach().numpy()])
    np.testing.assert_allclose(vectors.detach(), expected, atol=1e-5)
    (slope,) = torch.autograd.grad(vectors[:, 0].sum(), sound)
    assert slope.abs().sum() > 0


def test_pictures_of_any_size_are_resized_as_files_are(tiny_space):
    smooth = np.add.outer(np.arange(90), np.arange(120))[..., None] + np.array([0, 20, 40])
    pixels = torch.from_numpy(smooth.astype(np.uint8)).permute(2, 0, 1)
    with torch.inference_mode():
        vector = tiny_space.embed_pictures(pixels[None] / 255)[0]
    assert float(vector.numpy() @ tiny_space.encode(pixels)) > 0.999


def test_a_loaded_model_is_frozen(tiny_model):
    loaded = VASpace.from_pretrained(tiny_model, device="cpu")
    assert not any(parameter.requires_grad for parameter in loaded.model.parameters())
