"""Sources of training data: by name, joined, and from outside the package."""

import sys
from importlib.metadata import EntryPoint

import pytest

from va_space import registry
from va_space.datasets.records import Point, Record
from va_space.datasets.sources import SOURCES, SourceOptions, SpaceData, load_source
from va_space.errors import ConfigError, DatasetError
from va_space.media.settings import AudioSettings
from va_space.training.recipe import load_recipe
from va_space.training.sources import space_data


@pytest.fixture
def outside(tmp_path, monkeypatch, forget_additions):
    """A module of another distribution that declares a data set as an entry point."""
    (tmp_path / "faces_data.py").write_text(
        "from va_space.datasets.records import Point, Record\n"
        "from va_space.datasets.sources import SpaceData\n\n\n"
        "def faces(options):\n"
        "    files = sorted((options.root / 'faces').glob('*.png'))\n"
        "    records = [Record(f, 'picture', Point(0.9, 0.1), f.stem, f.stem) for f in files]\n"
        "    return SpaceData(pictures=options.split(records))\n"
    )
    folder = tmp_path / "data" / "faces"
    folder.mkdir(parents=True)
    for number in range(20):
        (folder / f"{number}.png").write_bytes(b"")
    point = EntryPoint(name="faces", value="faces_data:faces", group="va_space.datasets")
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == point.group else [])
    forget_additions(SOURCES)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "data"
    sys.modules.pop("faces_data", None)


def test_a_dataset_from_outside_is_joined_to_another_by_a_recipe(outside, tmp_path):
    given = ["data.source=synthetic+faces", f"data.root={outside}", f"data.cache={tmp_path / 'cache'}"]
    recipe = load_recipe("smoke", [*given, "model.audio.window_seconds=1.0"])
    data = space_data(recipe)
    faces = [r for part in data.pictures.values() for r in part if r.path.parent.name == "faces"]
    assert len(faces) == 20
    assert faces[0].label == Point(0.9, 0.1)
    alone = space_data(
        load_recipe("smoke", ["data.source=synthetic", *given[2:], *["model.audio.window_seconds=1.0"]])
    )
    assert data.music == alone.music
    assert len(data.pictures["train"]) == len(alone.pictures["train"]) + 17


def test_an_unknown_source_is_told_with_all(tmp_path):
    known = "emobank, emotify, fourq, open, open-all"
    with pytest.raises(ConfigError, match=f"no such dataset as 'naps2'; there are {known}"):
        load_recipe("smoke", ["data.source=open+naps2"])
    with pytest.raises(ConfigError, match="no dataset 'sythetic'; do you mean synthetic"):
        load_source("sythetic", SourceOptions("", tmp_path, AudioSettings()))


def test_missing_data_are_explained(tmp_path, monkeypatch):
    monkeypatch.delenv("VA_SPACE_DATA", raising=False)
    with pytest.raises(DatasetError, match="VA_SPACE_DATA"):
        load_source("open", SourceOptions("", tmp_path, AudioSettings()))


def test_joining_keeps_parts_apart(tmp_path):
    one, two = (
        SpaceData(pictures={"train": [record], "validation": []})
        for record in (Record(tmp_path / name, "picture", None, name, name) for name in "ab")
    )
    both = one.joined(two)
    assert [record.id for record in both.pictures["train"]] == ["a", "b"]
    assert both.pictures["validation"] == both.music["train"] == []


def test_all_of_the_open_data_has_the_test_groups_too(tmp_path, monkeypatch):
    from va_space.datasets.sources import open_all

    parts = {name: [Record(tmp_path / name, "picture", None, name, name)] for name in ("train", "test")}
    for side in ("open_pictures", "open_music"):
        monkeypatch.setattr(open_all, side, lambda *_, **__: parts)
    kept = {"train": parts["train"], "validation": []}
    monkeypatch.setattr(open_all, "open_data", lambda _: SpaceData(dict(kept), dict(kept)))
    data = load_source("open-all", SourceOptions(str(tmp_path), tmp_path, AudioSettings()))
    for side in (data.pictures, data.music):
        assert [record.id for record in side["train"]] == ["train", "test"]
