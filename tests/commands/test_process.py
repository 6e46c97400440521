"""The command among other processes: closed outputs, signals, codecs that talk, permissions."""

import os
import re
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from va_space import atomic
from va_space.commands import _common as common
from va_space.commands import _progress

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and descriptors are different there")


def command(*arguments):
    return [sys.executable, "-m", "va_space", *map(str, arguments)]


def test_empty_arguments_are_wrong_usage(va_space, media):
    for arguments in (["va", ""], ["va", media, "  "], ["index", media, "--output="]):
        result = va_space(*arguments)
        assert result.returncode == 2
        assert "an empty argument; is a variable unset?" in result.stderr
        assert result.stdout == ""


@pytest.mark.slow
def test_closed_standard_output_is_an_error(media, tiny_model):
    line = " ".join(command("va", media / "a.png", "--model", tiny_model)) + " >&-"
    done = subprocess.run(line, shell=True, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "standard output" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_it_as_ctrl_c_does(tmp_path, number):
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)  # reading it as a recipe waits until the signal comes

    def heeded():
        signal.signal(number, signal.SIG_DFL)

    with subprocess.Popen(
        command("train", pipe), stderr=subprocess.PIPE, text=True, preexec_fn=heeded
    ) as process:
        writer = pipe.open("w")
        process.send_signal(number)
        assert process.wait(timeout=120) == 130
        assert "Traceback" not in process.stderr.read()
        writer.close()


def test_libraries_in_c_are_kept_from_standard_error():
    code = (
        "import os, sys; from va_space.commands._process import keep_codecs_quiet\n"
        "keep_codecs_quiet(); os.write(2, b'codec'); sys.stderr.write('ours')"
    )
    done = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, check=True)
    assert done.stderr == "ours"


def test_files_have_the_permissions_of_the_umask(tmp_path):
    before = os.umask(0o022)
    try:
        with atomic.replacing(tmp_path / "a.bin") as beside:
            beside.touch(mode=0o600)
        assert stat.S_IMODE((tmp_path / "a.bin").stat().st_mode) == 0o644
        os.umask(0o027)
        with atomic.replacing(tmp_path / "a.bin") as beside:
            beside.touch(mode=0o600)
        assert stat.S_IMODE((tmp_path / "a.bin").stat().st_mode) == 0o640
    finally:
        os.umask(before)


def test_progress_without_a_terminal_is_a_line_in_a_while(monkeypatch, capsys):
    now = iter([0, 1, 8, 9, 30, 31, 64.2])
    monkeypatch.setattr(_progress, "time", SimpleNamespace(monotonic=lambda: next(now)))
    with common.progress_bar("Embedding") as progress:
        progress(1, 9)
        progress(2, 9)
        progress(3, 9)
        progress(4, 5, "Listening")
        progress(5, None, "Listening")
    assert capsys.readouterr().err.splitlines() == [
        "Embedding: 2 of 9, about 28 s to go",
        "Listening: 4 of 5",
        "Embedding: done in 1 min 4 s",
    ]


def test_short_or_failed_work_has_no_last_line(capsys):
    with common.progress_bar("Embedding") as progress:
        progress(1, 2)
    with suppress(ValueError), common.progress_bar("Embedding"):
        raise ValueError
    assert capsys.readouterr().err == ""


def test_remarks_and_unknown_endings_go_to_standard_error(va_space, tiny_model, tmp_path):
    field = Path(__file__).parents[1] / "field"
    (tmp_path / "a.ogg").write_bytes((field / "ogg_noeos.ogg").read_bytes())
    (tmp_path / "b.unknown").write_bytes((field / "png_noiend.png").read_bytes())
    (tmp_path / "c.unknown").write_text("text")
    result = va_space("va", tmp_path, "--model", tiny_model)
    assert result.returncode == 0
    assert "a.ogg: the end mark is missing" in result.stderr
    assert "2 files with unknown endings were passed over" in result.stderr
    assert f"by its content): {tmp_path / 'b.unknown'}, {tmp_path / 'c.unknown'}" in result.stderr
    result = va_space("va", tmp_path, "--model", tiny_model, "--all")
    assert "b.unknown" in result.stdout
    assert "1 file with an unknown ending was passed over (neither picture nor sound): " in result.stderr


@pytest.mark.parametrize("verb", [["search", "calm", "-l", "library"], ["compose", "calm", "-o", "a.mid"]])
def test_a_page_is_html(va_space, verb):
    result = va_space(*verb, "--report", "page.txt")
    assert result.returncode == 2
    assert "--report" in result.stderr
    assert "pages end with .html" in result.stderr


def test_of_many_files_that_were_passed_over_some_are_named(capsys):
    common.remark_passed_over([Path(f"{number}.x") for number in range(1007)], every=False)
    assert capsys.readouterr().err.endswith("content): 0.x, 1.x, 2.x, 3.x, 4.x, 1,002 more\n")


def test_waiting_threads_do_not_spin_unless_the_user_says_so(va_space, monkeypatch):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.delenv("KMP_BLOCKTIME", raising=False)
    va_space("--version")
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    va_space("--version")
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


ROWS = [
    {"rank": 1, "the track is": "calmer than 79% of recordings", "valence_percentile": 0.5},
    {"rank": 12, "the track is": "livelier than 60%", "valence_percentile": None},
]


def test_a_table_in_a_pipe_is_separated_by_tabs(capsys):
    common.show_table(ROWS, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "rank\tthe track is\tvalence_percentile",
        "1\tcalmer than 79% of recordings\t0.500",
        "12\tlivelier than 60%\t",
    ]


@pytest.mark.parametrize("width", [80, 30])
def test_a_table_on_a_terminal_never_breaks_words(capsys, monkeypatch, width):
    screen = partial(Console, force_terminal=True, color_system=None, width=width)
    monkeypatch.setattr(common, "Console", screen)
    common.show_table(ROWS, as_json=False)
    shown = capsys.readouterr().out
    words = {"rank", "track", "valence", "percentile", "recordings", "0.500", "60%"}
    assert words <= set(re.findall(r"[\w.%]+", shown))
    assert ("rank:" in shown) == (width == 30)
    assert all(len(line) <= width for line in shown.splitlines())
