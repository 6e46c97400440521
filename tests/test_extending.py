"""docs/extending.md for real: its examples are installed as another distribution and used."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import va_space
from va_space.commands import VERBS
from va_space.explanation.methods import METHODS
from va_space.export.formats import WRITERS
from va_space.media import audio_formats, kinds
from va_space.targets import KINDS
from va_space.transfer.generator import GENERATORS

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parents[1] / "docs" / "extending.md"
METADATA = "Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n"


def blocks(name: str) -> str:
    """What the document puts into a file, joined."""
    found = re.findall(rf"^```\w+\n# {re.escape(name)}\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)
    assert found
    return "\n\n".join(found)


@pytest.fixture
def outside(tmp_path_factory, monkeypatch, forget_additions):
    """The folder that the distribution is installed in; it is gone for the tests that follow."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "outside.py").write_text(blocks("outside.py"))
    information = folder / "outside-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(METADATA)
    (information / "entry_points.txt").write_text(blocks("entry_points.txt"))
    for registry in (VERBS, WRITERS, KINDS, GENERATORS, METHODS, audio_formats.AUDIO_FORMATS):
        forget_additions(registry)
    monkeypatch.syspath_prepend(str(folder))
    _forget()
    yield folder
    sys.modules.pop("outside", None)
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    audio_formats.extensions.cache_clear()
    kinds._media_extensions.cache_clear()


def run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``va-space`` in a new process that finds the distribution."""
    path = os.pathsep.join([str(site), str(Path(va_space.__file__).parents[1])])
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "100"}
    command = [sys.executable, "-m", "va_space", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_verb(outside):
    result = run(outside, "hello", "Ada", "--loud")
    assert (result.returncode, result.stdout) == (0, "Hello ADA\n")
    shown = run(outside, "--help").stdout
    assert " hello " in shown
    assert "Greet somebody." in shown


def test_an_output_format(outside, tiny_space, files, tmp_path):
    from va_space.export import export

    done = export(tiny_space, files[:2], tmp_path / "vectors.csv")
    assert done.rows == 2
    head, first, _ = (tmp_path / "vectors.csv").read_text().splitlines()
    assert head == "path,valence,arousal"
    path, *values = first.rsplit(",", 2)
    assert Path(path) == files[0]
    np.testing.assert_allclose(np.array(values, float), tiny_space.predict_va(files[0]), atol=1e-4)


def test_a_generator(outside, tiny_space, tmp_path):
    from va_space.media.editable import load_editable
    from va_space.targets import read_targets
    from va_space.transfer.generator import open_generator
    from va_space.transfer.restyle import restyle

    pixels = np.random.default_rng(0).integers(0, 256, (60, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    picture = load_editable(tmp_path / "a.png")
    generator = open_generator("fade")(tiny_space, picture.seen())
    targets = read_targets(tiny_space, ["1,1"])
    (result,) = restyle(tiny_space, picture, targets, generator=generator, strength=1, steps=10)
    assert result.picture.image.size == (40, 60)
    goal = targets[0].point
    assert np.linalg.norm(result.after - goal) < np.linalg.norm(result.before - goal)
    assert result.lut is None


def test_a_query_kind(outside, tiny_space, library):
    from va_space.retrieval.search import search

    found, expected = (search(tiny_space, library, query) for query in ("#ff0000", "1,1"))
    assert [each.path for each in found] == [each.path for each in expected]
    assert len(found) == 10


def test_an_attribution_method(outside, tiny_space):
    from va_space.explanation import explain

    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    why = explain(tiny_space, picture, ["valence", "arousal"], method="saliency")
    valence, arousal = (each.where.values for each in why.explained)
    assert valence.shape == arousal.shape == (32, 32)
    assert not np.allclose(valence, arousal)


def test_an_audio_format(outside, tiny_space, tmp_path):
    (tmp_path / "a.tone").write_text("440 2.5")
    (tmp_path / "b.tone").write_text("loud")
    assert list(kinds.find_media([tmp_path])) == [tmp_path / "a.tone", tmp_path / "b.tone"]
    good, bad = tiny_space.encode_iter([tmp_path / "a.tone", tmp_path / "b.tone"])
    assert (good.modality, good.duration) == ("music", 2.5)
    time = np.arange(40_000) / 16_000
    sine = (0.5 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    np.testing.assert_allclose(good.vector, tiny_space.encode((sine, 16_000)), atol=1e-5)
    assert "not a frequency" in bad.reason


def test_a_word_of_feeling_is_one_line():
    from va_space.emotion import words

    line = re.search(r'^"(\w+)": "(\w+)",$', DOCUMENT.read_text(), re.M)
    assert line is not None
    new, known = line.groups()
    assert new not in words.WORDS
    source = Path(words.__file__).read_text()
    changed = source.replace(
        '        "anxious": "tense",\n', f'        "anxious": "tense",\n        {line[0]}\n'
    )
    module: dict[str, object] = {"__name__": "changed"}
    exec(compile(changed, "words.py", "exec"), module)
    assert module["parse_feeling"](new.title()) == words.word_point(known)


def test_a_verb_that_cannot_be_loaded_spoils_only_itself(outside):
    points = outside / "outside-1.0.dist-info" / "entry_points.txt"
    points.write_text("[va_space.verbs]\nbroken = nowhere:nothing\n")
    result = run(outside, "--version")
    assert result.returncode == 0
    assert "The verb broken cannot be used" in result.stderr
