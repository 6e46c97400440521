"""The public surface is the committed one, so that a change of it is seen."""

import difflib

import pytest


@pytest.fixture(scope="module")
def public_api(script):
    pytest.importorskip("griffe", reason="needs the extra docs")
    pytest.importorskip("fastapi", reason="needs the extra studio")
    pytest.importorskip("av", reason="needs the extra video")
    return script("public_api")


@pytest.mark.slow
def test_the_surface_is_the_committed_one(public_api):
    versions = public_api.PUBLIC.read_text("utf-8"), public_api.surface()
    changes = difflib.unified_diff(*(text.splitlines() for text in versions), lineterm="", n=0)
    assert not list(changes), "a change of the public surface: see docs/install.md; run scripts/public_api.py"


def test_it_holds_what_programs_use(public_api):
    surface = public_api.PUBLIC.read_text("utf-8").splitlines()
    for line in (
        "class va_space.VASpace(",
        "    predict_va(self, inputs: ",
        "va_space.search(space: VASpace, library: Library, ",
        "class va_space.errors.MissingExtraError(",
        "va_space.feedback.Rating",
        "va-space search --library, -l: str",
        "va-space restyle --rate: float | None (old name)",
        "POST /api/match: ",
        "exported vectors: path string, ",
    ):
        assert any(each.removeprefix("class ").startswith(line.removeprefix("class ")) for each in surface), (
            line
        )
