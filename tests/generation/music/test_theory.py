import pytest

from va_space.errors import ConfigError
from va_space.generation.music.instruments import parse_instruments
from va_space.generation.music.theory import MODES, Chord, Key, parse_key


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("C", "C major"),
        ("am", "A minor"),
        ("F# Minor", "F# minor"),
        ("Bb", "Bb major"),
        ("d dorian", "D dorian"),
        ("Cb", "B major"),
        ("E harmonic-minor", "E harmonic minor"),
        ("G♯ phrygian", "Ab phrygian"),
    ],
)
def test_keys_as_people_write_them(text, name):
    assert parse_key(text).name == name


@pytest.mark.parametrize("text", ["", "H", "C purple", "12", "sharp"])
def test_what_is_no_key(text):
    with pytest.raises(ConfigError, match="no key"):
        parse_key(text)


def test_scales_are_scales():
    for steps in MODES.values():
        assert len(set(steps)) == 7
        assert list(steps) == sorted(steps)
        assert steps[0] == 0


def test_chords_by_hand():
    minor = Key(9, "minor")
    assert set(Chord(minor, 0).classes) == {9, 0, 4}
    assert set(Chord(minor, 4).classes) == {4, 7, 11}
    assert set(Chord(minor, 4, raised=True).classes) == {4, 8, 11}  # the dominant gets its leading note
    assert Chord(Key(0, "major"), 4, (6,)).name == "G7"
    assert Chord(Key(0, "major"), 0, (6,)).name == "Cmaj7"
    assert Chord(Key(0, "major"), 6).name == "Bdim"
    assert Chord(Key(0, "major"), 0, (3,)).name == "Csus4"


def test_instruments_as_people_write_them():
    assert parse_instruments([" Electric-Piano", "drums", "flute", "flute"]) == (
        "electric piano",
        "percussion",
        "flute",
    )
    with pytest.raises(ConfigError, match="no instrument 'kazoo'"):
        parse_instruments(["kazoo"])
    with pytest.raises(ConfigError, match="percussion alone"):
        parse_instruments(["percussion"])
