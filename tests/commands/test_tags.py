"""``va-space tags``."""

import json

import numpy as np
import pytest
import soundfile

pytest.importorskip("librosa", reason="needs the extra tags")


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    path = tmp_path_factory.mktemp("tracks") / "chord.wav"
    time = np.arange(3 * 16_000) / 16_000
    soundfile.write(path, sum(0.1 * np.sin(2 * np.pi * hertz * time) for hertz in (262, 330, 392)), 16_000)
    return path


def test_a_table_and_one_bad_file(va_space, tiny_model, track, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF")
    result = va_space("tags", track, bad, "--model", tiny_model)
    assert result.returncode == 1
    assert "1 of 2 inputs failed" in result.stderr
    assert "bad.wav" in result.stderr
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[0] == ["track", "what", "heard"]
    assert {line[0] for line in lines[1:]} == {"chord.wav"}
    about = {line[1]: line[2] for line in lines[1:]}
    assert about["content"].endswith("0:03")
    assert about["section 1"].startswith("0:00 to 0:03 whole A")


def test_json_and_lyrics(va_space, tiny_model, track, tmp_path):
    (tmp_path / "chord.lrc").write_text("[00:01]Hum\n")
    for given in (tmp_path, tmp_path / "chord.lrc"):
        result = va_space("tags", track, "--json", "--lyrics", given, "--model", tiny_model)
        assert result.returncode == 0, result.stderr
        (found,) = json.loads(result.stdout)
        assert found["lyrics"] == [{"text": "Hum", "start": 1.0}]
        assert found["sections"][0]["label"] == "whole"


def test_one_file_of_lyrics_is_for_one_track(va_space, tiny_model, track, tmp_path):
    (tmp_path / "a.txt").write_text("Hum")
    result = va_space("tags", track, track, "--lyrics", tmp_path / "a.txt", "--model", tiny_model)
    assert result.returncode == 2
    assert "folder of lyrics" in result.stderr


def test_stems_without_weights_say_how_to_get_them(va_space, tiny_model, track, tmp_path):
    pytest.importorskip("demucs", reason="needs the extra stems")
    result = va_space("tags", track, "--stems", "--stem-model", tmp_path, "--model", tiny_model)
    assert result.returncode == 1
    assert "hf download adefossez/HTDemucs" in " ".join(result.stderr.split())
