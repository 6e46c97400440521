import numpy as np
import pytest
from PIL import Image

from va_space.encoders.emotion_classifier import EmotionClassifier
from va_space.errors import CheckpointError, DatasetError
from va_space.generation.music.target import Feeling
from va_space.generation.neural.sketch import Sketch
from va_space.generation.neural.stage_models import StageModels
from va_space.generation.neural.stages import write_prompt
from va_space.training.emotions.task import macro_f1
from va_space.training.train import train


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Pictures that are dark at the top or at the bottom: their means are the same, their rows are not."""
    folder = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(0)
    lines = ["path,label"]
    for number in range(32):
        pixels = draw.integers(0, 40, (40, 40, 3)).astype(np.uint8)
        pixels[20:] += 180
        label = "sad" if number % 2 else "happy"
        Image.fromarray(pixels if number % 2 else pixels[::-1]).save(folder / f"{number}.png")
        lines.append(f"{number}.png,{label}")
    (folder / "table.csv").write_text("\n".join(lines), "utf-8")
    return folder


def overrides(root, tmp_path, *more):
    return [
        f"data.root={root}",
        f"data.cache={tmp_path / 'cache'}",
        f"output={tmp_path / 'run'}",
        "emotions.dataset=table",
        'data.tables=["table.csv"]',
        "precision=32-true",
        "emotions.hidden=16",
        "emotions.stages=2",
        "schedule.batch_size=8",
        *more,
    ]


def test_a_classifier_on_the_encoder_of_a_space(root, tiny_model, tmp_path):
    space = [f"emotions.space={tiny_model}", "augmentation.picture_views=2", "schedule.epochs=10"]
    folder = train("emotion-classifier", overrides(root, tmp_path, *space, "schedule.average=0.0"))
    classifier = EmotionClassifier.load(folder, device="cpu")
    assert classifier.labels == ("happy", "sad")
    pictures = [root / f"{number}.png" for number in range(32)]
    shares = classifier.classify(pictures, batch_size=20)
    assert shares.shape == (32, 2)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert (shares.argmax(axis=1) == np.arange(32) % 2).mean() > 0.9
    for number in (0, 1):
        feeling = Feeling("a", "picture", (0.5, 0.5), (0.5, 0.5), pictures[number], detected="painting")
        models = StageModels(emotion_classifier=folder, device="cpu")
        sketch = write_prompt(Sketch(feeling), "label", models)
        assert (sketch.emotion.word, sketch.emotion.by) == (("happy", "sad")[number], "classifier")
        assert sketch.prompt == f"{sketch.emotion.word} music"


def test_a_backbone_that_learns(root, tmp_path):
    more = ["emotions.backbone=resnet18", "model.picture.size=32", "schedule.epochs=1"]
    folder = train(
        "emotion-classifier", overrides(root, tmp_path, *more, "schedule.backbone_learning_rate=1e-3")
    )
    classifier = EmotionClassifier.load(folder, device="cpu")
    assert classifier.model.config.backbone == "resnet18"
    assert classifier.classify([]).shape == (0, 2)
    again = tmp_path / "again"
    classifier.save(again)
    picture = [root / "0.png"]
    np.testing.assert_array_equal(
        EmotionClassifier.load(again, device="cpu").classify(picture), classifier.classify(picture)
    )
    content = (again / "classifier.safetensors").read_bytes()
    (again / "classifier.safetensors").write_bytes(content[:-100])
    with pytest.raises(CheckpointError, match="damaged"):
        EmotionClassifier.load(again)
    with pytest.raises(CheckpointError, match="holds no classifier"):
        EmotionClassifier.load(root)


def test_too_few_words(root, tmp_path):
    with pytest.raises(DatasetError, match=r"two words with 40 pictures .* there are: "):
        train("emotion-classifier", overrides(root, tmp_path, "emotions.fewest=40"))


def test_macro_f1_is_that_of_scikit_learn():
    from sklearn.metrics import f1_score

    draw = np.random.default_rng(0)
    actual, predicted = draw.integers(0, 4, (2, 50))
    assert macro_f1(predicted, actual, 4) == pytest.approx(f1_score(actual, predicted, average="macro"))
