"""Folders of pictures and sounds of instruments."""

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.datasets.instruments import INSTRUMENTS, InstrumentOptions, instrument_of, load_instruments
from va_space.datasets.records import Record
from va_space.errors import ConfigError, DatasetError, MissingExtraError


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path)


def sound(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(800), 8000)


@pytest.fixture
def folder(tmp_path):
    for name in ("harp", "tuba", "viola"):
        for number in range(10):
            picture(tmp_path / "pictures" / name / f"{number}.png")
            if name != "viola":
                sound(tmp_path / "sounds" / name / f"{number}.wav")
    (tmp_path / "sounds" / "tuba" / "notes.txt").write_text("no sound")
    return tmp_path


def load(folder, name="folders", only=()):
    return load_instruments(name, InstrumentOptions(folder, folder / "cache"), only)


def test_instruments_with_both_sides_are_shared_out_by_file(folder):
    data = load(folder)
    assert data.names == ("harp", "tuba")
    for side in (data.pictures, data.sounds):
        assert {part: len(records) for part, records in side.items()} == {"train": 12, "judge": 4, "test": 4}
        for records in side.values():
            named = [instrument_of(record) for record in records]
            assert named.count("harp") == named.count("tuba")
        paths = [record.path for records in side.values() for record in records]
        assert len(paths) == len(set(paths)) == 20
    assert load(folder).sounds == data.sounds


def test_sub_urmp_keeps_its_published_parts(tmp_path):
    for name in ("cello", "horn"):
        for part, count in (("train", 8), ("validation", 3)):
            for number in range(count):
                picture(tmp_path / "img" / part / name / f"{name}_{part}_{number}.jpg")
                sound(tmp_path / "chunk" / part / name / f"{name}_{part}_{number}.wav")
    data = load(tmp_path, "sub-urmp")
    assert {part: len(records) for part, records in data.sounds.items()} == {
        "train": 12,
        "judge": 4,
        "test": 6,
    }
    assert {record.split for record in data.pictures["test"]} == {"validation"}


def test_what_is_missing_is_said(folder, tmp_path):
    with pytest.raises(
        DatasetError, match="of viola there are no pictures and sounds; both sides have harp, tuba"
    ):
        load(folder, only=["harp", "viola"])
    with pytest.raises(DatasetError, match="two instruments are the least"):
        load(folder, only=["harp"])
    with pytest.raises(DatasetError, match="no such folder; it should hold a folder for each instrument"):
        load(folder / "pictures")
    with pytest.raises(ConfigError, match="no instrument dataset 'folder'"):
        load(folder, "folder")
    (folder / "empty" / "pictures").mkdir(parents=True)
    with pytest.raises(DatasetError, match="holds no folder of pictures"):
        load(folder / "empty")
    with pytest.raises(DatasetError, match="has no instrument"):
        instrument_of(Record(folder, "picture", None, "", ""))


def test_one_side_alone_is_refused(folder, forget_additions):
    forget_additions(INSTRUMENTS)
    records = INSTRUMENTS["folders"](InstrumentOptions(folder, folder))
    INSTRUMENTS.register("silent")(lambda options: [each for each in records if each.modality == "picture"])
    with pytest.raises(DatasetError, match="there are no sounds: both sides are needed"):
        load(folder, "silent")


def test_notes_are_rendered_once(folder, monkeypatch):
    from va_space.datasets import midi
    from va_space.datasets.instruments import rendered

    try:
        midi.find_soundfont()
        midi._fluidsynth()
    except MissingExtraError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(rendered, "PROGRAMS", {"viola": (41, 50, 80)})
    monkeypatch.setattr(rendered, "_VELOCITIES", (80,))
    monkeypatch.setattr(rendered, "_NOTES", 3)
    records = load(folder, "folders+rendered", ["harp", "viola"]).sounds
    notes = [record for part in records.values() for record in part if instrument_of(record) == "viola"]
    assert len(notes) == 6
    before = {record.path: record.path.stat().st_mtime_ns for record in notes}
    load(folder, "folders+rendered")
    assert before == {path: path.stat().st_mtime_ns for path in before}
    samples, _ = soundfile.read(notes[0].path)
    assert np.abs(samples).max() > 0.5


def test_a_note_that_a_soundfont_lacks_is_left_out(folder, monkeypatch, caplog):
    from va_space.datasets.instruments import rendered
    from va_space.errors import MediaError

    def all_but_long_ones(path, cache):
        if path.stem.endswith("1.5"):
            raise MediaError(path, "holds no note that sounds")
        return folder / "sounds/harp/0.wav"

    pytest.importorskip("mido")
    monkeypatch.setattr(rendered.midi, "rendered", all_but_long_ones)
    monkeypatch.setattr(rendered, "PROGRAMS", {"viola": (41, 50, 80)})
    records = rendered.load(InstrumentOptions(folder, folder / "cache"))
    assert len(records) == 36
    assert "holds no note that sounds" in caplog.text
