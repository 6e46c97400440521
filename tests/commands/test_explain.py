import json

import numpy as np
import pytest
import soundfile
from PIL import Image


def test_a_picture_as_table_json_page_and_figure(va_space, media, tiny_model, tmp_path):
    quick = ["--model", tiny_model, "--grid", "2"]
    result = va_space("explain", media / "a.png", *quick, "-o", tmp_path / "why.html")
    assert result.returncode == 0, result.stderr
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[0][:4] == ["explained", "is", "raised by", "lowered by"]
    assert [line[0] for line in lines[1:3]] == ["predicted valence", "predicted arousal"]
    assert lines[4] == ["change", "valence", "arousal"]
    assert len(lines) == 5 + 10
    assert "Which words" in (tmp_path / "why.html").read_text(encoding="utf-8")
    result = va_space(
        "explain", media / "b.jpg", "calm", media / "c.wav", *quick, "--json", "-o", tmp_path / "why.png"
    )
    told = json.loads(result.stdout)
    assert [each["name"] for each in told["explained"]] == ["calm", "c.wav"]
    assert np.shape(told["explained"][0]["map"]) == (10, 10)
    assert len(told["changes"]) == 20
    with Image.open(tmp_path / "why.png") as drawn:
        assert drawn.format == "PNG"


def test_a_track(va_space, media, tiny_model):
    result = va_space("explain", media / "c.wav", "0.9,0.2", "--model", tiny_model)
    assert result.returncode == 0, result.stderr
    head, row = (line.split("\t") for line in result.stdout.splitlines())
    assert head[0] == "explained"
    assert row[0] == "nearness to 0.9,0.2"
    assert " s to " in row[2]


def test_one_bad_target_among_others_is_reported(va_space, media, tiny_model):
    result = va_space("explain", media / "c.wav", "arousal", "hapy", "--model", tiny_model, "--json")
    assert result.returncode == 1
    assert "do you mean happy" in result.stderr
    assert [each["name"] for each in json.loads(result.stdout)["explained"]] == ["arousal"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["missing.jpg"], 2, "no such file"),
        (["{media}/bad.jpg"], 1, "bad.jpg"),
        (["calm"], 1, "pictures and tracks can be explained"),
        (["{media}/a.png", "-o", "why.pdf"], 2, "explanations end with .html"),
        (["{media}/a.png", "--method", "magic"], 2, "occlusion"),
        (["{media}/a.png", "--grid", "1"], 2, "--grid"),
        (["{media}/silent.wav"], 1, "silent"),
    ],
)
def test_what_is_wrong_is_said(va_space, media, tiny_model, arguments, status, said):
    (media / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    soundfile.write(media / "silent.wav", np.zeros(16_000), 8000)
    result = va_space("explain", *(each.format(media=media) for each in arguments), "--model", tiny_model)
    assert result.returncode == status
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_of_a_video_its_sound(va_space, tiny_model, tmp_path):
    pytest.importorskip("av", reason="needs the extra av")
    from videos import make_video

    sound = np.random.default_rng(0).uniform(-0.3, 0.3, 24_000).astype(np.float32)
    path = make_video(tmp_path / "a.mp4", [(200, 10, 10)] * 30, sound=sound)
    result = va_space("explain", path, "arousal", "--model", tiny_model, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["kind"] == "recording"
