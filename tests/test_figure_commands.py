"""The programs that stand beside figures in the documents run, on small sizes, and print a table.

What ``va-space benchmark`` prints is tested task by task in tests/benchmark, and tests/hostile_networks.py in
tests/networks/stylegan2.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from documents import DOCUMENTS, ROOT, commands

# What makes each program small, behind its options in the documents: the last of two values counts.
SMALL = {
    "perf/embedding.py": "--pictures 2 --tracks 1 --rounds 1 --batch-size 2",
    "perf/export_memory.py": "--files 10",
    "perf/explain_doubts.py": "--photographs 1 --grid 2",
    "perf/explore.py": "--points 1000 --seconds 0.5",
    "perf/indexing.py": "--tracks 2 --rounds 1",
    "perf/kill_indexing.py": "--times 1 --files 2 --model {model} {music}",
    "perf/latency.py": "--rounds 1 --repeats 1",
    "perf/music_video.py": "--recordings 0 --preview --model {model}",
    "perf/picture_memory.py": "'one small png'",
    "perf/precision.py": "--pictures 12 --pieces 2",
    "perf/restyle.py": f"--megapixels 1 --music {ROOT / 'va_space/demo/clips/joplin-maple-leaf-rag.ogg'}",
    "perf/sections.py": "--tracks 1",
    "perf/search.py": "--rows 300 --queries 1 --rounds 1 --folder {scratch}",
    "perf/soundtrack.py": "--seconds 20",
    "perf/stylegan2.py": "--resolution 16 --channel-base 128 --repeats 1",
    "perf/text.py": "--rounds 1 --words 20",
    "perf/structure.py": "--tracks 1 --steady 1",
    "perf/tags.py": "--minutes 1",
    "perf/training_time.py": "--help",  # it renders all of VGMIDI before the first figure
    "perf/triplet_loss.py": "-n 8",
    "perf/video.py": "--frames 4 --seconds 1",
    "scripts/contact_sheet.py": "--model {model} --pictures docs --each 1 -o {scratch}/sheet.png",
    "scripts/explain_sheet.py": "-o {scratch}/sheet.png --grid 2 --steps 2 --pictures 1",
    "scripts/mutate_media.py": "--kind pictures --only .png --seeds 1",
    "scripts/paint_sheet.py": "-o {scratch}/sheet.jpg --tracks 1 --side 64",
    "scripts/piano_rolls.py": "-o {scratch}/rolls.png",
    "scripts/restyle_sheet.py": "-o {scratch}/sheet.png --strength 0.1 --tracks 6",
    "scripts/sections_sheet.py": "-o {scratch}/sections.png",
    "scripts/studio_picture.py": "--model {model} --tracks 3 -o {scratch}/studio.jpg",
    "scripts/slide_show_sheet.py": "--model {model} --pictures docs --music {music} --count 2 -o {scratch}",
}
# Options whose own value is what takes long.
LONG = {"--memory 1000 10000": "--memory 2", "--inversion 2": "--inversion 1"}
# Run by tests of their own, or by hand, since they take hours or a network.
ELSEWHERE = {
    "scripts/fit_tag_levels.py",
    "scripts/fit_symbolic_judge.py",
    "scripts/make_demo_clips.py",
    "scripts/make_sbom.py",
    "scripts/public_api.py",
    "scripts/make_gallery.py",
    "scripts/training_curves.py",
    "scripts/try_versions.py",
    "tests/hostile_networks.py",
}
NO_TABLE = {
    "scripts/contact_sheet.py",
    "scripts/explain_sheet.py",
    "scripts/piano_rolls.py",
    "scripts/restyle_sheet.py",
    "scripts/sections_sheet.py",
    "scripts/studio_picture.py",
    "perf/training_time.py",
}  # they make a picture, or run their first step only
NEED_DATA = {"perf/latency.py", "perf/precision.py"}
NEED_BROWSER = {"perf/explore.py", "scripts/studio_picture.py"}

# A heading, the line below it, and a row of which no cell is empty.
TABLE = re.compile(r"^\|.*\|\n\|[-:| ]+\|\n\|[^|\n]*(\|[^|\n]*\S[^|\n]*)+\|$", re.M)


def figure_commands():
    """Commands that run a program of the repository, each once."""
    found = {
        shlex.join(words[1:]): words[1]
        for document in DOCUMENTS
        for words in commands(document)
        if words[0] == "python" and words[1] != "-m" and words[1] not in ELSEWHERE
    }
    return sorted(found.items())


def test_every_measuring_script_is_known():
    named = {script for _, script in figure_commands()}
    assert named <= set(SMALL)
    programs = {
        f"perf/{path.name}"
        for path in (ROOT / "perf").glob("*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    assert programs <= set(SMALL)
    assert programs <= named, "a program that no document names"


@pytest.mark.slow
@pytest.mark.parametrize(("command", "script"), figure_commands())
def test_it_runs_small_and_prints_a_table(command, script, tiny_model, music, tmp_path):
    if script in NEED_DATA and not os.environ.get("VA_SPACE_DATA"):
        pytest.skip("needs OASIS and VGMIDI below VA_SPACE_DATA")
    if script in NEED_BROWSER and not any(
        map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    ):
        pytest.skip("needs Chromium")
    for long, short in LONG.items():
        command = command.replace(long, short)
    small = SMALL[script].format(model=tiny_model, music=music, scratch=tmp_path)
    data = {} if script in NEED_DATA else {"VA_SPACE_DATA": ""}
    done = subprocess.run(
        [sys.executable, *shlex.split(command), *shlex.split(small)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"} | data,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert script in NO_TABLE or TABLE.search(done.stdout), done.stdout
