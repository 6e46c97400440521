"""Which classes count as heard."""

import numpy as np
import pytest

from va_space.generation.tags.choosing import (
    FAINT,
    MOST,
    NARROWER,
    instruments_in,
    stronger_half,
    tags_between,
    tags_of,
)
from va_space.generation.tags.vocabulary import vocabulary
from va_space.networks.yamnet import class_names


def level_of(name):
    return next(entry.level for entry in vocabulary() if entry.name == name)


def named(tags):
    return [tag.name for tag in tags]


def test_only_what_reaches_its_level_is_heard(heard_with):
    below, above = level_of("flute") * 0.99, level_of("harp") * 1.01
    tags = tags_of(heard_with(Flute=below, Harp=above), "instrument")
    assert named(tags) == ["harp"]
    assert tags[0].score == pytest.approx(above, abs=1e-4)
    assert tags_of(heard_with(), "instrument") == ()


def test_a_tag_says_from_when_to_when_it_is_heard(heard_with):
    tags = tags_of(heard_with(windows=4, Flute=[0, 0.5, 0.4, 0]), "instrument")
    assert (tags[0].start, tags[0].end) == (10, 30)
    assert tags[0].score == pytest.approx(0.45)  # of the stronger half


def test_stronger_half_is_the_mean_of_the_larger_values():
    values = np.array([[0.1], [0.9], [0.5]])
    assert stronger_half(values)[0] == pytest.approx(0.7)
    assert stronger_half(values[:1])[0] == pytest.approx(0.1)


def test_what_exceeds_its_level_most_comes_first_and_there_are_not_too_many(heard_with):
    names = ["Flute", "Harp", "Banjo", "Trumpet", "Cello", "Organ", "Piano", "Accordion", "Harmonica"]
    heard = heard_with(**{name: 0.1 + 0.02 * number for number, name in enumerate(names)})
    tags = tags_of(heard, "instrument")
    assert len(tags) == MOST
    excess = [tag.score / level_of(tag.name) for tag in tags]
    assert excess == sorted(excess, reverse=True)


def test_a_narrower_name_replaces_the_general_one_only_if_it_is_probable(heard_with):
    assert named(tags_of(heard_with(Guitar=0.4, Banjo=0.4 * NARROWER), "instrument")) == ["banjo"]
    assert named(tags_of(heard_with(Guitar=0.4, Banjo=0.39 * NARROWER), "instrument")) == ["guitar"]


def test_what_is_faint_beside_the_strongest_is_left_out(heard_with):
    faint = 0.4 * FAINT * 0.99
    assert faint > level_of("harp")
    assert named(tags_of(heard_with(Flute=0.4, Harp=faint), "instrument")) == ["flute"]


def test_both_taggers_speak_of_one_genre(heard_with):
    tags = tags_of(heard_with(jazz=0.9, Jazz=0.02), "genre")
    assert named(tags) == ["jazz"]
    assert tags[0].score == pytest.approx(0.9)


def test_parts_weigh_windows_by_their_overlap(heard_with):
    heard = heard_with(Flute=[0.0, 0.4, 0.0])
    (flute,) = tags_between(heard, 5.0, 15.0, "instrument")
    assert flute.score == pytest.approx(0.2)
    assert tags_between(heard, 20.0, 30.0, "instrument") == ()


def test_instruments_of_yamnets_classes_alone():
    classes = np.zeros((2, len(class_names())))
    classes[:, class_names().index("Violin, fiddle")] = 0.3
    assert named(instruments_in(classes)) == ["violin"]
