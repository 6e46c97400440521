"""Each rule of the labels, on forms made for it; and music whose form is known."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from va_space.generation.tags.form import SECONDS, Form, in_lufs
from va_space.generation.tags.sections import MOST, find_sections
from va_space.media.boundaries import Boundary

# Kinds of sound: what makes sections alike.
KINDS = {kind: np.random.default_rng(number).normal(size=25) for number, kind in enumerate("abcdef")}


def form_of(*parts, slope=None):
    """A form of (kind, decibels, seconds) parts; `slope`: number of a part to its rise in decibels."""
    powers, features, boundaries, clock = [], [], [], 0.0
    for number, (kind, decibels, seconds) in enumerate(parts):
        count = round(seconds / SECONDS)
        rise = (slope or {}).get(number, 0.0) * np.linspace(-0.5, 0.5, count)
        powers.append(10 ** ((decibels + rise) / 10))
        features.append(np.tile(10 * KINDS[kind], (count, 1)))
        clock += count * SECONDS
        boundaries.append(Boundary(clock, 0.5, 0.0))
    power = np.concatenate(powers)
    return Form(
        duration=clock,
        power=power,
        onsets=np.ones(len(power)),
        features=np.concatenate(features),
        chroma=np.ones(12),
        boundaries=tuple(boundaries[:-1]),
        tempo=120.0,
        beats=np.zeros(0),
        loudness=in_lufs(power),
    )


def labels(*parts, sings=False, slope=None):
    return [section.label for section in find_sections(form_of(*parts, slope=slope), sings=sings)]


def test_one_section_is_the_whole():
    (section,) = find_sections(form_of(("a", -14, 30)))
    assert (section.label, section.start, section.letter) == ("whole", 0, "A")
    assert section.end == pytest.approx(30, abs=SECONDS)
    assert section.energy == 0.5
    assert section.loudness == pytest.approx(-14.7, abs=0.1)


def test_intro_drop_break_drop_outro():
    parts = ("a", -30, 20), ("b", -8, 40), ("c", -30, 20), ("b", -8, 40), ("d", -34, 20)
    assert labels(*parts) == ["intro", "drop", "break", "drop", "outro"]
    sections = find_sections(form_of(*parts))
    assert [section.letter for section in sections] == ["A", "B", "C", "B", "D"]
    assert max(section.energy for section in sections) == sections[1].energy > 0.9
    assert sections[-1].energy == pytest.approx(0, abs=1e-6)
    assert all(a.end == b.start for a, b in pairwise(sections))


def test_a_long_quiet_beginning_is_no_intro_and_what_comes_back_neither():
    assert labels(("a", -30, 60), ("b", -8, 40))[0] != "intro"
    assert labels(("a", -30, 10), ("b", -8, 40), ("a", -30, 10), ("b", -8, 40))[0] != "intro"


def test_a_build_rises_itself_or_stands_between():
    assert labels(("a", -20, 20), ("b", -20, 20), ("c", -6, 40), ("d", -20, 20), slope={1: 10})[1] == "build"
    assert labels(("a", -32, 20), ("b", -18, 20), ("c", -4, 40), ("d", -32, 20))[1] == "build"


def test_without_a_jump_the_most_energetic_section_is_the_climax():
    assert (
        labels(("a", -18, 30), ("b", -14, 30), ("c", -10.5, 30), ("d", -7, 30), ("e", -9, 30)).count("climax")
        == 1
    )


def test_a_song_has_verses_choruses_and_a_bridge():
    song = ("a", -18, 20), ("b", -10, 20), ("a", -18, 20), ("b", -10, 20), ("c", -16, 12), ("b", -10, 20)
    assert labels(*song, sings=True) == ["verse", "chorus", "verse", "chorus", "bridge", "chorus"]
    assert "chorus" not in labels(*song), "nobody sings"


def test_neighbours_that_are_alike_are_one_section():
    assert labels(("a", -14, 20), ("a", -14.2, 20), ("b", -30, 20)) == labels(("a", -14, 40), ("b", -30, 20))


def test_of_many_boundaries_the_clearest_count():
    parts = [("ab"[number % 2], -10 - 20 * (number % 2), 5) for number in range(2 * MOST)]
    form = form_of(*parts)
    clear = [replace(each, novelty=0.9 if number < 3 else 0.2) for number, each in enumerate(form.boundaries)]
    sections = find_sections(replace(form, boundaries=tuple(clear)))
    assert len(sections) <= MOST
    assert {round(each.start, 2) for each in sections} >= {round(each.seconds, 2) for each in clear[:2]}


def test_sections_that_are_all_alike_have_middling_energy():
    sections = find_sections(form_of(("a", -14, 20), ("b", -14.3, 20), ("c", -13.8, 20)))
    assert all(abs(section.energy - 0.5) < 0.1 for section in sections)
