"""Cue sheets as data and as edit decision lists."""

import json
import re
from pathlib import Path

import pytest

from va_space.production.soundtrack.cue_sheet import CueSheet, timecode
from va_space.production.soundtrack.cues import Cue
from va_space.production.soundtrack.scenes import Scene
from va_space.production.soundtrack.shots import Part

EVENT = re.compile(r"(\d{3})  AX       AA    (C|D    \d{3}) +(\S+) (\S+) (\S+) (\S+)$")


def cue_of(start, end, title, source=0.0, path="x.ogg"):
    scene = Scene(start, end, (0.25, 0.75), (Part(start, end, 0, (0.2, 0.8)),))
    return Cue(scene, end - start + 2, title, "A", (0.3, 0.7), path and Path(path), source, 0.9, lambda: None)


@pytest.fixture
def sheet():
    cues = [cue_of(0, 20, "One", 30.0, "a\n.ogg"), cue_of(20, 50, "Two"), cue_of(50, 601, "Three", path=None)]
    return CueSheet(
        Path("film.mp4"),
        Path("out.mp4"),
        601.0,
        25.0,
        "c" * 64,
        None,
        2.0,
        True,
        cues,
        [-14.0, float("-inf"), -20.0],
        [-2, 0, 4],
    )


def frames(code, base=25):
    hours, minutes, seconds, frame = map(int, code.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * base + frame


def test_the_list_covers_the_whole_video_and_dissolves_at_cuts(sheet):
    events = [EVENT.match(line) for line in sheet.edl().splitlines() if line[:1].isdigit()]
    assert all(events)
    kinds = [event[2] for event in events]
    assert kinds == ["C", "C", "D    050", "C", "D    050"]
    for event in events:
        source, record = (frames(event[4]) - frames(event[3])), (frames(event[6]) - frames(event[5]))
        assert source == record  # at its own speed
    incoming = [event for event in events if frames(event[6]) > frames(event[5])]
    assert [frames(event[5]) / 25 for event in incoming] == [0, 19, 49]
    assert [frames(event[6]) / 25 for event in incoming] == [21, 51, 601]
    assert frames(incoming[0][3]) == 30 * 25
    outgoing = events[1]
    assert frames(outgoing[3]) / 25 == 30 + 19  # what the first cue plays when the second begins
    assert "* TO CLIP NAME: Three" in sheet.edl()
    assert "a\\n.ogg" in sheet.edl()  # a name gives no orders
    assert all(len(line) < 200 for line in sheet.edl().splitlines())


def test_the_data_says_what_is_heard(sheet, tmp_path):
    sheet.write(tmp_path / "a.json", tmp_path / "a.edl")
    data = json.loads((tmp_path / "a.json").read_text())
    assert (tmp_path / "a.edl").read_text() == sheet.edl()
    first, second, third = data["cues"]
    assert (first["heard_from"], first["heard_until"]) == (0, 21)
    assert (second["heard_from"], second["heard_until"], second["source_end"]) == (19, 51, 32)
    assert second["loudness_lufs"] is None
    assert (third["path"], third["heard_until"]) == (None, 601)
    assert first["wanted"] == {"valence_percentile": 0.25, "arousal_percentile": 0.75}
    assert first["shots"][0]["arousal_percentile"] == 0.8


def test_timecodes():
    assert timecode(0, 30) == "00:00:00:00"
    assert timecode(30 * 3661 + 7, 30) == "01:01:01:07"
