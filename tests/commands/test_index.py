"""What ``va-space index`` tells, and how it can be stopped."""

import shutil
import signal
import subprocess
import sys

import pytest
from interruptible import interruptible


@pytest.fixture
def arguments(media, tiny_model, tmp_path):
    return ["index", media, "-o", tmp_path / "library", "--model", tiny_model]


def test_each_run_tells_what_it_did(va_space, arguments, media):
    first = va_space(*arguments)
    assert first.returncode == 0, first.stderr
    assert "\n2 added\n" in f"\n{first.stderr}"
    (media / "c.wav").rename(media / "moved.wav")
    (media / "d.flac").unlink()
    second = va_space(*arguments)
    assert "0 added, 1 moved, 1 gone\n" in second.stderr
    assert "1 tracks whose file is gone (such as d.flac) stay in the library; --prune" in second.stderr
    assert "2 tracks in" in second.stderr
    third = va_space(*arguments, "--prune")
    assert "0 added, 1 there already, 1 gone\n" in third.stderr
    assert "d.flac) were dropped" in third.stderr
    assert "1 tracks in" in third.stderr
    assert third.stdout == ""
    (media / "more").mkdir()
    shutil.copy(media / "a.png", media / "more")
    (media / "more" / "e.wav").write_bytes((media / "moved.wav").read_bytes() + b"more")
    fourth = va_space(arguments[0], media / "more", *arguments[2:])
    assert "1 added, 1 there already\n" in fourth.stderr


def test_another_model_is_told_and_rebuilding_helps(va_space, arguments, tmp_path):
    assert va_space(*arguments).returncode == 0
    other = tmp_path / "other"
    shutil.copytree(arguments[-1], other)
    weights = bytearray((other / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (other / "model.safetensors").write_bytes(weights)
    refused = va_space(*arguments[:-1], other)
    assert refused.returncode == 1
    assert "another model" in refused.stderr
    assert "--rebuild" in refused.stderr
    rebuilt = va_space(*arguments[:-1], other, "--rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "2 added" in rebuilt.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are different there")
def test_ctrl_c_ends_cleanly(arguments, media):
    for number in range(100):
        shutil.copy(media / "c.wav", media / f"{number}.wav")
    code = (
        "import sys, va_space.retrieval.index as module\n"
        "from va_space import cli\n"
        "run = module.index\n"
        "def shown(*inputs, progress, **options):\n"
        "    return run(*inputs, progress=lambda *state: print(*state, flush=True), **options)\n"
        "module.index = shown\n"
        "cli.main()"
    )
    command = [sys.executable, "-c", code, *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, preexec_fn=interruptible) as process:
        assert process.stdout.readline() == "1 102\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=300) == 130
        told = process.stderr.read()
    assert "goes on from there" in told
    assert "Traceback" not in told
    from va_space.retrieval.library import MusicLibrary

    assert 1 <= len(MusicLibrary.open(arguments[3])) < 102
