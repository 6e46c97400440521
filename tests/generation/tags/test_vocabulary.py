"""The table of tags: what it names is there, once, and every level can be reached."""

from va_space.generation.tags.vocabulary import KINDS, names, vocabulary
from va_space.networks.musicnn import TAGS
from va_space.networks.yamnet import class_names


def test_every_class_is_a_taggers_and_stands_once():
    found = [(entry.tagger, entry.index) for entry in vocabulary()]
    assert len(found) == len(set(found))
    assert {tagger for tagger, _ in found} == {"musicnn", "yamnet"}
    by_name = {(entry.name, class_names()[entry.index]) for entry in vocabulary() if entry.tagger == "yamnet"}
    assert ("violin", "Violin, fiddle") in by_name
    assert len([each for each in found if each[0] == "musicnn"]) == len(TAGS), (
        "all of MusiCNN's tags are used"
    )


def test_general_names_are_tags_of_the_same_kind():
    for entry in vocabulary():
        if entry.within:
            assert entry.within in names(entry.kind), entry
            assert entry.within != entry.name


def test_levels_are_probabilities_and_every_kind_has_tags():
    assert all(0 < entry.level <= 0.5 for entry in vocabulary())
    for kind in KINDS:
        assert names(kind) == tuple(sorted(set(names(kind)))) != ()
