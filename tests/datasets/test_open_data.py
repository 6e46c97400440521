"""The split that training and benchmark share."""

from collections import Counter

import numpy as np
import pytest

from va_space.datasets import open_data, vgmidi
from va_space.datasets.cache import cache_folder, rendered_folder
from va_space.datasets.records import Point, Record
from va_space.datasets.splits import split_by_group
from va_space.errors import DatasetError


def test_pictures_are_split_by_theme_and_always_alike(data_root):
    parts = open_data.open_pictures(data_root)
    assert {name: len(part) for name, part in parts.items()} == {"train": 488, "validation": 75, "test": 187}
    themes = {name: {record.group for record in part} for name, part in parts.items()}
    assert not themes["train"] & themes["test"]
    assert not themes["validation"] & (themes["train"] | themes["test"])
    assert open_data.open_pictures(data_root) == parts


def test_held_out_music_is_a_quarter_of_the_pieces_from_several_series_and_moods(data_root):
    # What open_music splits, without rendering it.
    pieces = [
        Record(
            piece.midi,
            "music",
            Point(*piece.curve.mean(axis=0)),
            vgmidi.group_of(piece.midi),
            str(piece.midi),
        )
        for piece in vgmidi.pieces(data_root / "vgmidi")
    ]
    parts = split_by_group(pieces, open_data.FRACTIONS, open_data._MUSIC_SEED)
    labels = {
        name: np.array([(record.label.valence, record.label.arousal) for record in part])
        for name, part in parts.items()
    }
    everything = np.concatenate(list(labels.values()))
    assert len(parts["test"]) == pytest.approx(len(pieces) / 4, abs=1)
    assert len({record.group for record in parts["test"]}) >= 5
    for points in labels.values():
        np.testing.assert_allclose(points.mean(axis=0), everything.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(labels["test"].std(axis=0), everything.std(axis=0), atol=0.02)


@pytest.fixture
def emopia_root(tmp_path, write_midi):
    root = tmp_path / "emopia"
    clips = {"Q1_song_0": "train", "Q1_song_1": "train", "Q3_tune_0": "val"}
    for clip in clips:
        write_midi(root / "midis" / f"{clip}.mid")
    (root / "label.csv").write_text("ID,4Q\n" + "".join(f"{clip},{clip[1]}\n" for clip in clips))
    (root / "split").mkdir()
    for part in ("train", "val"):
        listed = [f"{number},{clip}.mid\n" for number, clip in enumerate(clips) if clips[clip] == part]
        (root / "split" / f"{part}_clip.csv").write_text(",clip_name\n" + "".join(listed))
    return tmp_path


@pytest.mark.usefixtures("fluidsynth")
def test_quadrants_follow_the_official_lists(emopia_root, tmp_path):
    parts = open_data.open_quadrants(emopia_root, tmp_path / "cache", window_seconds=1.0, hop_seconds=0.5)
    assert {name: {record.group for record in part} for name, part in parts.items()} == {
        "train": {"song"},
        "validation": {"tune"},
    }
    assert [record.start for record in parts["validation"]] == [0, 0.5, 1, 1.5, 2, 2.5]
    rendered = rendered_folder(tmp_path / "cache")
    assert all(record.path.is_relative_to(rendered) for record in parts["train"])
    (emopia_root / "emopia" / "split" / "val_clip.csv").write_text(",clip_name\n")
    with pytest.raises(DatasetError, match="no clip of the official validation part"):
        open_data.open_quadrants(emopia_root, tmp_path / "cache")


@pytest.fixture
def vgmidi_root(tmp_path, write_midi):
    """Ten pieces of five series: 4 s each, one measure; series A has the first two, and so on."""
    import json

    folder = tmp_path / "vgmidi" / "labelled"
    entries, annotations = {}, {}
    for piece in range(10):
        name = f"{'ABCDE'[piece // 2]}_NES_Game_Piece {piece}.mid"
        write_midi(folder / "midi" / name, notes=[(60 + piece, 4)])
        entries[f"piece{piece}"] = {"midi": name, "measures": 1, "name": name, "duration": 4}
        annotations[f"piece{piece}_1"] = {"valence": [0.1 * piece], "arousal": [0.5]}
    (folder / "annotations").mkdir()
    published = json.dumps({"pieces": entries, "annotations": annotations})
    (folder / "annotations" / "vgmidi_raw_1.json").write_text(published)
    return tmp_path


@pytest.mark.usefixtures("fluidsynth")
def test_neither_window_nor_hop_moves_a_series(vgmidi_root, tmp_path):
    whole = open_data.open_music(vgmidi_root, tmp_path / "cache", window_seconds=None)
    windows = open_data.open_music(vgmidi_root, tmp_path / "cache", window_seconds=2.0, hop_seconds=1.0)
    for name in open_data.FRACTIONS:
        assert {record.path for record in windows[name]} == {record.path for record in whole[name]}
    starts = Counter(record.path for part in windows.values() for record in part)
    assert set(starts.values()) == {4}
    groups = [{record.group for record in part} for part in whole.values()]
    assert sum(len(names) for names in groups) == 5 == len(set.union(*groups))


def test_a_missing_source_is_named(tmp_path):
    with pytest.raises(DatasetError, match="OASIS"):
        open_data.open_pictures(tmp_path)


def test_the_cache_is_where_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("VA_SPACE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("VA_SPACE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert cache_folder() == tmp_path / "user" / "va-space"
