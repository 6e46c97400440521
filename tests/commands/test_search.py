import json

import pytest


@pytest.fixture
def library(va_space, media, tiny_model, tmp_path):
    result = va_space("index", media, "-o", tmp_path / "library", "--model", tiny_model)
    assert result.returncode == 0, result.stderr
    assert "2 tracks" in result.stderr
    return tmp_path / "library"


@pytest.mark.parametrize("query", ["a.png", "c.wav", "0.8,0.3"])
def test_every_kind_of_query_finds_all_tracks(va_space, media, tiny_model, library, query):
    query = query if "," in query else media / query
    result = va_space("search", query, "--library", library, "--model", tiny_model, "--json")
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert [row["rank"] for row in rows] == [1, 2]
    assert {row["path"] for row in rows} == {str(media / "c.wav"), str(media / "d.flac")}
    assert all(0 <= row["score"] <= 1 for row in rows)


def test_number_of_results(va_space, media, tiny_model, library):
    result = va_space("search", media / "a.png", "-l", library, "--model", tiny_model, "-k", 1)
    assert len(result.stdout.splitlines()) == 2  # heading and one track


def test_bad_music_is_reported(va_space, media, tiny_model, tmp_path):
    (media / "bad.mp3").write_bytes(b"no sound")
    result = va_space("index", media, "-o", tmp_path / "library", "--model", tiny_model)
    assert result.returncode == 1
    assert str(media / "bad.mp3") in result.stderr
    assert "1 of 3 inputs failed" in result.stderr


def test_library_that_is_not_there(va_space, tmp_path, tiny_model):
    result = va_space("search", "0.5,0.5", "--library", tmp_path / "none", "--model", tiny_model)
    assert result.returncode == 1
    assert "va-space index" in result.stderr
    assert not (tmp_path / "none").exists()


def test_point_outside_the_plane_is_wrong_usage(va_space, tmp_path):
    assert va_space("search", "1.5,0.5", "--library", tmp_path).returncode == 2
