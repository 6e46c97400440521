"""Descriptions as data."""

from dataclasses import replace

import pytest

from va_space.generation.tags.description import Section, Tag, TrackDescription
from va_space.generation.tags.words import about, lines_about


def description(*labels):
    sections = tuple(
        Section(label, 10.0 * number, 10.0 * number + length, 0.5, None)
        for number, (label, length) in enumerate(labels)
    )
    nothing = ((),) * 5
    end = sections[-1].end
    middle = 0.5, 0.5
    return TrackDescription("a", end, "music", *nothing, (), middle, middle, None, None, None, sections)


def test_the_longest_section_of_a_label():
    found = description(("intro", 10.0), ("drop", 5.0), ("drop", 8.0))
    assert found.section("drop").start == 20
    assert found.section("climax") is found.section("drop")
    assert found.section("verse") is None


@pytest.mark.parametrize(("label", "expected"), [("drop", "chorus"), ("climax", "chorus")])
def test_a_chorus_stands_for_the_high_point(label, expected):
    assert description(("verse", 10.0), ("chorus", 10.0)).section(label).label == expected


def test_the_section_at_a_time():
    found = description(("intro", 10.0), ("part", 10.0))
    found_labels = [found.section_at(seconds).label for seconds in (-1, 0, 9.9, 10, 99)]
    assert found_labels == ["intro"] * 3 + ["part"] * 2


@pytest.mark.parametrize(
    ("key", "margin", "line"),
    [
        ("A minor", 0.21, "A minor (0.21 ahead of C major)"),
        ("A minor", 0.02, "no clear key: A minor or C major (0.02 apart)"),
        (None, None, None),
    ],
)
def test_a_key_is_said_as_clearly_as_it_fits(key, margin, line):
    found = replace(description(("whole", 9.0)), key=key, key_margin=margin, key_second="C major")
    assert dict(lines_about(found)).get("key") == line
    assert found.key_is_clear == (margin == 0.21)


def test_what_is_unsure_is_said_so():
    tags = Tag("flute", 0.12), Tag("harp", 0.09)
    found = replace(description(("whole", 9.0)), instruments=tags)
    assert dict(lines_about(found))["instruments"] == "flute 0.12; perhaps harp 0.09"
    assert about(replace(found.sections[0], instruments=tags)).endswith("; flute")
