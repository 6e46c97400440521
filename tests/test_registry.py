import sys
from importlib.metadata import EntryPoint

import pytest

from va_space import registry as module
from va_space.errors import ConfigError
from va_space.registry import Registry


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two modules, of which the second fails when it is imported."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from va_space.registry import Registry\nthings = Registry('thing', 'shelf')\n"
    )
    (folder / "red_box.py").write_text(
        "from shelf import things\n\n\n@things.register('red-box')\nclass RedBox:\n    size = 3\n"
    )
    (folder / "broken.py").write_text("raise RuntimeError('imported')\n")
    (folder / "_helpers.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "shelf"
    for name in [name for name in sys.modules if name.split(".")[0] == "shelf"]:
        del sys.modules[name]


def test_a_new_file_adds_a_thing_and_only_the_one_asked_for_is_imported(package):
    from shelf import things

    assert things.names() == things.shipped() == ["broken", "red-box"]
    assert "red-box" in things
    assert "shelf.red_box" not in sys.modules
    assert things["red-box"].size == 3
    assert "shelf.broken" not in sys.modules
    with pytest.raises(RuntimeError, match="imported"):
        things["broken"]


def test_an_entry_point_adds_a_thing_from_another_distribution(package, monkeypatch):
    from shelf import things

    del things._things  # as in a new process
    things._things = {}
    point = EntryPoint(name="outside", value="shelf.red_box:RedBox", group="va_space.things")
    monkeypatch.setattr(module, "entry_points", lambda group: [point] if group == "va_space.things" else [])
    assert things.names() == ["broken", "outside", "red-box"]
    assert things.shipped() == ["broken", "red-box"]
    assert things["outside"].size == 3


def test_an_unknown_name_is_told_with_near_ones_or_with_all():
    things: Registry[type] = Registry("thing")
    things.register("circle")(int)
    with pytest.raises(ConfigError, match=r"no thing 'cirle'; do you mean circle\?"):
        things["cirle"]
    with pytest.raises(ConfigError, match=r"no thing 'x'; there are circle"):
        things["x"]


def test_two_things_cannot_share_a_name():
    things: Registry[type] = Registry("thing")
    things.register("circle")(int)
    things.register("circle")(int)
    with pytest.raises(ConfigError, match="two things are called 'circle'"):
        things.register("circle")(float)
