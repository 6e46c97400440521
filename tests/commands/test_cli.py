import os
import signal
import subprocess
import sys

import pytest
from interruptible import interruptible

import va_space as package
from va_space.commands import VERBS
from va_space.errors import CheckpointError


def test_help_names_every_verb(va_space):
    result = va_space("--help")
    assert result.returncode == 0
    assert {"demo", "va", "embed", "index", "search", "restyle", "train", "benchmark"} < set(VERBS)
    assert all(f" {verb} " in result.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_explains_itself(va_space, verb):
    result = va_space(verb, "--help")
    assert result.returncode == 0
    assert "Usage:" in result.stdout


def test_version(va_space):
    assert va_space("--version").stdout == f"va-space {package.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"],
        ["va", "--no-such-option"],
        ["embed", "x.png"],
        ["embed", "x.png", "-o", "x.txt"],
        ["va", "x.png", "--batch-size", "0"],
    ],
)
def test_wrong_usage_has_status_2(va_space, arguments):
    result = va_space(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "ending"),
    [
        (["embed", "x.png", "-o", "x.txt"], ".parquet"),
        (["explain", "x.png", "-o", "x.pdf"], ".html"),
        (["compose", "calm", "-o", "x.doc"], ".wav"),
        (["compose", "calm", "-o", "x.mid", "--report", "x.txt"], ".html"),
        (["paint", "x.ogg", "-o", "x.gif"], ".png"),
        (["restyle", "x.png", "calm", "-o", "x.doc"], ".png"),
        (["restyle", "x.png", "calm", "-o", "y.png", "--sheet", "x.doc"], ".png"),
        (["soundtrack", "x.mp4", "--compose", "-o", "x.avi"], ".mp4"),
        (["soundtrack", "x.mp4", "--compose", "-o", "y.mp4", "--sheet", "x.doc"], ".png"),
        (["convert", "x.pkl", "x.pt"], ".safetensors"),
    ],
)
def test_a_name_with_a_wrong_ending_is_told_before_the_work(
    va_space, arguments, ending, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "va_space.space.VASpace.from_pretrained", lambda *_, **__: pytest.fail("opened a model")
    )
    result = va_space(*arguments)
    assert (result.returncode, result.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert ending in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "calm", "-l", "nothing"],
        ["soundtrack", "x.mp4", "-l", "nothing", "-o", "y.mp4"],
        ["feedback", "x.ogg", "--stars", "4", "-l", "nothing"],
        ["feedback", "x.ogg", "--say", "louder"],
        ["train", "nothing"],
        ["paint", "x.ogg", "-o", "y.png", "--size", "5"],
    ],
)
def test_what_cannot_be_asked_for_is_wrong_usage(va_space, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VA_SPACE_FEEDBACK", str(tmp_path / "feedback.sqlite3"))
    result = va_space(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_errors_of_the_library_are_one_line(va_space, tmp_path):
    result = va_space("va", tmp_path, "--model", tmp_path / "nowhere")
    assert result.returncode == 1
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1
    assert "nowhere" in result.stderr


@pytest.mark.parametrize("switch", ["option", "variable"])
def test_debug_lets_the_error_through(va_space, tmp_path, switch, monkeypatch):
    monkeypatch.setenv("VA_SPACE_DEBUG", "1" if switch == "variable" else "")
    with pytest.raises(CheckpointError):
        va_space(*["--debug"][: switch == "option"], "va", tmp_path, "--model", tmp_path / "nowhere")


@pytest.mark.slow
def test_closed_pipe_makes_no_noise(media, tiny_model):
    command = [sys.executable, "-m", "va_space", "va", *[str(media)] * 3, "--model", str(tiny_model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.stderr.read() == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are different there")
def test_interrupt_has_status_130(tmp_path, tiny_model):
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)  # reading it as a recipe waits until the interrupt comes
    command = [sys.executable, "-m", "va_space", "train", str(pipe)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=interruptible) as process:
        writer = pipe.open("w")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert "Traceback" not in process.stderr.read()
        writer.close()
