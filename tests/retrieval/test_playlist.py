"""Lines of a playlist for names of all kinds."""

import os
from pathlib import Path

import pytest

from va_space.retrieval.playlist import write_playlist
from va_space.retrieval.results import Result


def result(path: Path) -> Result:
    return Result(
        rank=1,
        score=0.5,
        similarity=0.5,
        cosine=None,
        valence=0.5,
        arousal=0.5,
        valence_std=None,
        arousal_std=None,
        title="t",
        artist="a",
        album="",
        path=path,
        duration=9.0,
        start=1.0,
        length=2.0,
    )


@pytest.mark.parametrize(
    "name", ["a#b.mp3", "100%.mp3", "tab\there.mp3", "what?.mp3", "ünï ♫.mp3", os.fsdecode(b"caf\xe9.mp3")]
)
def test_a_plain_path_wherever_a_line_can_hold_it(tmp_path, name):
    (tmp_path / name).touch()
    write_playlist(tmp_path / "p.m3u8", [result(tmp_path / name)])
    lines = (tmp_path / "p.m3u8").read_bytes().split(b"\n")
    assert lines[3] == os.fsencode(tmp_path / name)
    assert not any(line.startswith(b"# ") for line in lines)


@pytest.mark.parametrize("name", ["two\nlines.mp3", "two\rlines.mp3", "end .mp3 "])
def test_a_uri_where_it_cannot(tmp_path, name):
    write_playlist(tmp_path / "p.m3u8", [result(tmp_path / name)])
    lines = (tmp_path / "p.m3u8").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "# 1 of 1 files were gone when this was written; index the music again"
    assert lines[-1] == (tmp_path / name).as_uri()
