"""Lyrics as people have them."""

import pytest

from va_space.errors import MediaError
from va_space.generation.tags.description import LyricLine
from va_space.generation.tags.lyrics import LARGEST, read_lyrics


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def test_plain_text_without_headings_and_empty_lines(tmp_path):
    path = write(tmp_path, "a.txt", "[Verse 1]\n  Über den   Wolken\r\n\n[Chorus]\nLa la\n")
    assert read_lyrics(path) == (LyricLine("Über den Wolken"), LyricLine("La la"))


def test_lrc_lines_come_by_time_each_as_often_as_it_is_sung(tmp_path):
    text = (
        "[ar:Someone]\n[offset:+500]\n[00:12.50][01:02.5]Again\n"
        "[00:01]<00:01.20>First <00:02.00>line\n[00:20]\n"
    )
    path = write(tmp_path, "a.lrc", text)
    assert read_lyrics(path) == (
        LyricLine("First line", 0.5),
        LyricLine("Again", 12.0),
        LyricLine("Again", 62.0),
    )


@pytest.mark.parametrize("content", ["\ufeffJosé".encode(), "José".encode("utf-16"), "José".encode("cp1252")])
def test_encodings(tmp_path, content):
    assert read_lyrics(write(tmp_path, "a.txt", content)) == (LyricLine("José"),)


def test_orders_to_the_terminal_are_no_text(tmp_path):
    assert read_lyrics(write(tmp_path, "a.txt", "\x1b[31mred\x07")) == (LyricLine("[31mred"),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"[Chorus]\n\n", "empty"),
        (b"\x89PNG\x00\x01", "not a text"),
        (b"a" * (LARGEST + 1), "many"),
    ],
)
def test_what_is_no_lyrics_is_refused(tmp_path, content, reason):
    with pytest.raises(MediaError, match=reason):
        read_lyrics(write(tmp_path, "a.txt", content))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MediaError, match="no such file"):
        read_lyrics(tmp_path / "none.lrc")
