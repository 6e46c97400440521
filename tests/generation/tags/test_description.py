"""Descriptions as data."""

import pytest

from va_space.generation.tags.description import Section, TrackDescription


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
