import json
import shutil

import numpy as np


def test_table_for_a_pipe_has_a_line_for_each_file(va_space, media, tiny_model):
    result = va_space("va", media, "--model", tiny_model)
    assert result.returncode == 0, result.stderr
    heading, *lines = (line.split("\t") for line in result.stdout.splitlines())
    assert heading == ["path", "modality", "valence", "arousal", "valence_std", "arousal_std", "quadrant"]
    assert [line[0] for line in lines] == [
        str(media / name) for name in ("a.png", "b.jpg", "c.wav", "d.flac")
    ]
    assert [line[1] for line in lines] == ["picture", "picture", "music", "music"]
    assert all(0 <= float(line[2]) <= 1 and 0 <= float(line[3]) <= 1 for line in lines)


def test_json_agrees_with_the_library(va_space, media, tiny_model, tiny_space):
    paths = sorted(media.iterdir())
    result = va_space("va", *paths, "--model", tiny_model, "--json", "--precision", "fp32")
    rows = json.loads(result.stdout)
    expected = tiny_space.predict_va(paths)
    for row, path, (valence, arousal) in zip(rows, paths, expected, strict=True):
        assert row["path"] == str(path)
        assert abs(row["valence"] - valence) < 1e-3
        assert abs(row["arousal"] - arousal) < 1e-3
        quadrants = {(True, True): 1, (False, True): 2, (False, False): 3, (True, False): 4}
        assert row["quadrant"] == quadrants[row["valence"] >= 0.5, row["arousal"] >= 0.5]


def test_uncertainty_is_shown_once_a_model_is_calibrated(va_space, media, tiny_model, tmp_path):
    from va_space.training.space.calibration import Calibration, calibrate_saved

    uncalibrated = va_space("va", media / "a.png", "--model", tiny_model)
    assert uncalibrated.stdout.splitlines()[1].split("\t")[4:6] == ["", ""]
    model = shutil.copytree(tiny_model, tmp_path / "calibrated")
    calibrate_saved(model, picture=Calibration(np.ones(2), np.zeros(2), np.array([0.11, 0.13])))
    rows = json.loads(va_space("va", media, "--model", model, "--json").stdout)
    assert [(row["valence_std"], row["arousal_std"]) for row in rows[:2]] == [(0.11, 0.13)] * 2
    assert rows[2]["valence_std"] is None, "music was not calibrated"


def test_bad_file_is_reported_and_the_rest_is_shown(va_space, media, tiny_model):
    (media / "e.png").write_text("no picture")
    result = va_space("va", media, media / "missing.ogg", "--model", tiny_model, "--json")
    assert result.returncode == 1
    assert len(json.loads(result.stdout)) == 4
    assert str(media / "e.png") in result.stderr
    assert str(media / "missing.ogg") in result.stderr
    assert "2 of 6 inputs failed" in result.stderr
    assert "Traceback" not in result.stderr


def test_odd_file_names(va_space, media, tiny_model):
    odd = media / "[bold]x é\udcff.png"
    (media / "a.png").rename(odd)
    result = va_space("va", odd, "--model", tiny_model, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)[0]["path"].startswith(str(media / "[bold]x é"))
