import json

import numpy as np
import pytest
import soundfile
from PIL import Image
from typer.testing import CliRunner

from va_space.cli import app
from va_space.emotion.words import parse_feeling
from va_space.errors import ConfigError, MediaError


def run(*arguments):
    result = CliRunner().invoke(app, ["compose", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_word_becomes_sound_midi_and_json(tmp_path):
    out = tmp_path / "calm.ogg"
    result = run("calm", "-o", out, "--seconds", 4, "--candidates", 13, "--json")
    assert result.exit_code == 0
    row = json.loads(result.stdout)[0]
    assert row["output"] == str(out)
    assert row["sound_valence_percentile"] is not None
    assert (row["valence_percentile"], row["arousal_percentile"]) == pytest.approx(
        parse_feeling("calm"), abs=1e-3
    )
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".mid", ".ogg"]
    assert soundfile.info(out).duration == pytest.approx(4, abs=0.01)


def test_takes_have_names_of_their_own_and_a_page(tmp_path):
    picture, page = tmp_path / "a.png", tmp_path / "page.html"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (60, 90, 3), np.uint8)).save(picture)
    result = run(
        picture, "-o", tmp_path / "m.mid", "--seconds", 3, "--candidates", 13, "--takes", 2, "--report", page
    )
    assert result.exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "a.png", "page.html", "m-1.mid", "m-1.json", "m-2.mid", "m-2.json"
    }  # fmt: skip
    html = page.read_text("utf-8")
    assert html.count("data:audio/mpeg") == 3
    assert html.count('class="roll"') == 3
    assert "data:image/jpeg" in html
    assert "<script" not in html


def test_one_target_that_cannot_be_read_does_not_stop_the_others(tmp_path):
    result = run(
        "sad", tmp_path / "gone.jpg", "happy", "-o", tmp_path / "a.mid", "--seconds", 10, "--candidates", 1
    )
    assert result.exit_code == 1
    assert "gone.jpg" in result.stderr
    facts = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [each["name"] for each in facts["asked for"]["feelings"]] == ["sad", "happy"]
    nothing = run(tmp_path / "gone.jpg", "-o", tmp_path / "b.mid")
    assert nothing.exit_code == 1
    assert not (tmp_path / "b.mid").exists()


def test_a_path_needs_no_model_for_the_rules_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("va_space.commands.compose.open_space", lambda *_: pytest.fail("opened a model"))
    table = tmp_path / "path.csv"
    table.write_text("0,0.1,0.1\n12,0.9,0.9\n")
    assert run("--path", table, "-o", tmp_path / "a.mid", "--candidates", 1).exit_code == 0
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["seconds"] == 12


def test_wrong_usage_leaves_nothing_behind(tmp_path):
    assert run("-o", tmp_path / "a.wav").exit_code == 2
    assert run("calm", "-o", tmp_path / "a.doc").exit_code == 2
    assert run("calm", "-o", tmp_path / "a.wav", "--engine", "rulez").exit_code == 2
    with pytest.raises(ConfigError, match="0 s of music"):
        run("calm", "-o", tmp_path / "a.wav", "--seconds", 0)
    with pytest.raises(ConfigError, match="no key"):
        run("calm", "-o", tmp_path / "a.wav", "--key", "X", "--candidates", 1)
    table = tmp_path / "path.csv"
    table.write_text("3,0.1,0.1\n1,0.9,0.9\n")
    with pytest.raises(MediaError, match="goes back in time"):
        run("--path", table, "-o", tmp_path / "a.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["path.csv"]


def test_a_video_is_a_feeling_over_time(tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "film.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=4)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for number in range(40):
            pixels = np.full((64, 64, 3), 6 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        container.mux(stream.encode())
    assert run(path, "-o", tmp_path / "a.mid", "--candidates", 1).exit_code == 0
    facts = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert facts["seconds"] == pytest.approx(10, abs=1)
    assert len(facts["asked for"]["course"]) >= 4
