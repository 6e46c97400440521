"""What tests of several rooms share."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import settings

from va_space.registry import Registry
from va_space.retrieval.library import MusicLibrary, Track

RATE = 8000

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Tests import librosa themselves, and two processes must not compile it into one cache at once. Workers
# inherit what the process that starts them has set, so it is set anew.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["NUMBA_CACHE_DIR"] = str(Path(__file__).parents[1] / ".pytest_cache" / "numba" / _WORKER)


@pytest.fixture(scope="session")
def published_weights():
    """Folder of the backbones' published weights, beside the folder of data sets."""
    folder = Path(os.environ.get("VA_SPACE_DATA", "")).parent / "weights"
    if not os.environ.get("VA_SPACE_DATA") or not folder.is_dir():
        pytest.skip("VA_SPACE_DATA is not set, or no weights lie beside it")
    return folder


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


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory):
    """Folder of a small random sentence encoder of two layers; its vocabulary is letters and a few words."""
    transformers = pytest.importorskip("transformers", reason="needs the extra text")
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    folder = tmp_path_factory.mktemp("encoder")
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["a", "quiet", "evening", "after", "the", "funeral", "we", "won", ".", ",", "!", *letters[1:]]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *(f"##{letter}" for letter in letters)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    transformers.BertTokenizerFast(tokenizer_file=str(folder / "tokenizer.json")).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(tokens),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        transformers.BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def text_model(tiny_model, tiny_encoder, tmp_path_factory):
    """The saved small model, with random heads for the small sentence encoder."""
    import shutil

    from va_space.emotion.reference import Distribution
    from va_space.encoders.pretrained import weights_fingerprint
    from va_space.encoders.text.files import FOLDER, TextSide, save_text
    from va_space.encoders.text.model import TextConfig, TextModel

    config = TextConfig(str(tiny_encoder), layers=(0, 2), max_tokens=16, hidden=8, predictor=8)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = TextModel(config, 32)
    random = np.random.default_rng(0)
    reference = Distribution.of(random.uniform(0.3, 0.7, (50, 2)))
    folder = shutil.copytree(tiny_model, tmp_path_factory.mktemp("text") / "model")
    save_text(TextSide(model, reference), folder / FOLDER, weights_fingerprint(folder))
    return folder


@pytest.fixture(scope="session")
def text_space(text_model):
    """The small model that reads texts."""
    from va_space.space import VASpace

    return VASpace.from_pretrained(text_model, device="cpu", precision="fp32")


@pytest.fixture(scope="session")
def music(tmp_path_factory):
    """Twelve recordings of two to four different seconds each, six of them in a folder."""
    folder = tmp_path_factory.mktemp("music")
    (folder / "Live").mkdir()
    random = np.random.default_rng(7)
    for number in range(12):
        seconds = []
        for hertz in random.uniform(80, 3000, size=2 + number % 3):
            time = np.arange(RATE) / RATE
            noise = random.normal(size=RATE) * random.uniform(0, 0.5)
            seconds.append(0.3 * np.sin(2 * np.pi * hertz * time) + 0.2 * noise)
        name = f"Live/{number:02}.wav" if number >= 6 else f"{number:02}.wav"
        soundfile.write(folder / name, np.concatenate(seconds).clip(-1, 1), RATE)
    return folder


@pytest.fixture(scope="session")
def files(music):
    """The recordings, by number."""
    return sorted(music.rglob("*.wav"), key=lambda path: path.name)


@pytest.fixture(scope="session")
def library(tiny_space, music, files, tmp_path_factory):
    """The recordings under the small model; those with an even number are jazz."""
    library = MusicLibrary.create(
        tmp_path_factory.mktemp("library"), model=tiny_space.fingerprint, dimension=512, root=music
    )
    library.put(
        [
            Track(
                path=path.relative_to(music).as_posix(),
                size=path.stat().st_size,
                modified=path.stat().st_mtime_ns,
                hash=path.name,
                duration=float(item.duration),
                title=path.stem,
                artist="Someone",
                album="",
                genre=("Rock", "Soul Jazz")[item.index % 2 == 0],
                vector=item.vector,
                va=tiny_space.predict_va_from_vectors(item.vector[None], "music")[0],
                starts=item.starts,
                windows=item.windows,
                windows_va=tiny_space.predict_va_from_vectors(item.windows, "music"),
            )
            for path, item in zip(files, tiny_space.encode_iter(files), strict=True)
        ]
    )
    return library


@pytest.fixture
def forget_additions():
    """Called with a registry: what the test then registers from outside the package is forgotten after it.

    What the package itself registers meanwhile stays: its modules are imported once only.
    """
    known: list[tuple[Registry[Any], set[str]]] = []
    yield lambda registry: known.append((registry, {*registry._things, *registry.shipped()}))
    for registry, names in known:
        for name in set(registry._things) - names:
            del registry._things[name]
