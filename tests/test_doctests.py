"""The examples in docstrings run, and there are examples in every room that people program with."""

import doctest
import importlib
from functools import cache
from pathlib import Path

import pytest

import va_space
from va_space import VASpace

ROOT = Path(va_space.__file__).parent
ROOMS = {"benchmark", "datasets", "emotion", "encoders", "export", "media", "networks", "retrieval"}
ROOMS |= {"training", "transfer"}
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@cache
def modules():
    """Names of the modules with examples; those without are not imported."""
    return [
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(ROOT.rglob("*.py"))
        if ">>>" in path.read_text(encoding="utf-8")
    ]


@cache
def examples(name):
    """The examples of a module, one for each docstring that has any."""
    module = importlib.import_module(name)
    return [test for test in doctest.DocTestFinder(exclude_empty=True).find(module) if test.examples]


@pytest.fixture(scope="session")
def shipped():
    """The model that ships, read once for all examples."""
    return VASpace.from_pretrained(device="cpu")


@pytest.mark.parametrize("name", modules())
def test_examples(name, shipped, tmp_path, monkeypatch):
    monkeypatch.setattr(VASpace, "from_pretrained", lambda *_, **__: shipped)
    monkeypatch.chdir(tmp_path)
    problems = []
    for test in examples(name):
        doctest.DocTestRunner(optionflags=FLAGS).run(test, out=problems.append)
    assert not problems, "\n".join(problems)


def test_there_are_examples_in_every_room():
    named = {test.name for name in modules() for test in examples(name)} - set(modules())
    assert len(named) >= 25
    assert {name.split(".")[1] for name in named} >= ROOMS
