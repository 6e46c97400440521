"""The gallery: its page links only what there is, and says what the run found."""

import copy
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import mido
import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.benchmark.matches import far_apart
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.emotion.reference import Distribution, Reference
from va_space.emotion.words import feeling_percentiles, standing_in_words
from va_space.space import VASpace

pytestmark = pytest.mark.slow
pytest.importorskip("matplotlib", reason="needs the extra explain")
pytest.importorskip("librosa", reason="needs the extra tags")
pytest.importorskip("skimage", reason="needs the extra demo")

ROOT = Path(__file__).parents[2]
SMALL = "--seed 3 --each 1 --clips 4 --strength 0.1 --seconds 2 --side 64"


@pytest.fixture(scope="module")
def placed_model(tiny_space, tmp_path_factory):
    """The small model in a folder; it knows where pictures and music stand."""
    model = copy.deepcopy(tiny_space.model)
    random = np.random.default_rng(0)
    around = {
        kind: Distribution.of(random.normal(0.5, 0.01, (200, 2)).clip(0, 1))
        for kind in ("photograph", "painting", "recording", "rendering")
    }
    model.reference = Reference(around, {})
    folder = tmp_path_factory.mktemp("placed-model")
    VASpace(model).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def gallery(script, placed_model, tmp_path_factory):
    """The page, made twice in the same place, and what the first time left there."""
    folder = tmp_path_factory.mktemp("gallery")
    page = folder / "docs" / "page.md"
    with pytest.MonkeyPatch.context() as patch:
        arguments = ["--model", str(placed_model), "-o", str(page), *SMALL.split()]
        patch.setattr(sys, "argv", ["make_gallery.py", *arguments])
        make = script("make_gallery").main
        make()
        before = contents(page)
        (page.with_suffix("") / "of-before.jpg").write_bytes(b"of an earlier run")
        make()
    return page, before


def contents(page):
    return {path.name: path.read_bytes() for path in [page, *page.with_suffix("").iterdir()]}


def test_another_run_leaves_the_same_files(gallery):
    page, before = gallery
    assert contents(page) == before


def test_what_is_linked_is_there_and_nothing_else(gallery):
    page, before = gallery
    text = page.read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#]+)\)", text)
    assert all((page.parent / unquote(link)).is_file() for link in linked)
    assert {Path(link).name for link in linked if link.startswith("page/")} == {*before} - {page.name}
    assert text.count("[Listen: ") == len(re.findall(r"\.(?:ogg|mp3)\)", text)) == 1 + 4 + 2 + 1


def test_captions_are_what_the_run_found(gallery, placed_model):
    page, _ = gallery
    space = VASpace.from_pretrained(placed_model)
    text = page.read_text(encoding="utf-8")
    standing = space.predict_va([each.path for each in PHOTOGRAPHS], scale="relative")
    (shown,) = far_apart(standing, 1)
    photograph, (valence, arousal) = PHOTOGRAPHS[shown], standing[shown]
    assert f"**{photograph.title}**: {standing_in_words((valence, arousal), 'photographs')}." in text
    for axis, before, wanted in zip(
        ("valence", "arousal"), (valence, arousal), feeling_percentiles("joyful"), strict=True
    ):
        assert re.search(rf"{axis} {before:.0%} → \d+% \(asked: {wanted:.0%}\)", text)
    assert text.count(photograph.credit) == 3, "the credit stands beside its match, its grades, and its music"
    assert f"the weights `{space.fingerprint[:8]}`, seed 3" in text
    assert "python scripts/make_gallery.py --model" in text


def test_pictures_sounds_and_scores_are_whole(gallery):
    page, before = gallery
    folder = page.with_suffix("")
    for name in before:
        if name.endswith((".jpg", ".png")):
            with Image.open(folder / name) as picture:
                assert 60 < max(picture.size) <= 600
                assert np.asarray(picture.convert("L")).std() > 5, name
        elif name.endswith(".mp3"):
            assert soundfile.info(folder / name).duration == pytest.approx(2, abs=0.1)
        elif name.endswith(".mid"):
            assert any(each.type == "note_on" for each in mido.MidiFile(folder / name))
    graded = [name for name in before if re.search(r"-(joyful|angry|sad|serene)\.jpg", name)]
    assert len({before[name] for name in graded}) == len(graded) == 4


def test_committed_pictures_and_sounds_are_small():
    files = [path for path in (ROOT / "docs/gallery").iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 3_000_000
    assert all(path.stat().st_size <= 120_000 for path in files if path.suffix in (".jpg", ".png"))
    assert {path.suffix for path in files} == {".jpg", ".png", ".mp3", ".mid"}
