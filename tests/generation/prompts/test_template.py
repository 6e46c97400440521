import pytest
import tiny_networks
from descriptions import described

from va_space.errors import CheckpointError
from va_space.generation.prompts import make_prompt
from va_space.generation.prompts.lyrics import sung_most
from va_space.generation.prompts.rewriting import rewrite
from va_space.generation.tags.description import LyricLine, Tag


def test_every_part_follows_from_something_that_is_heard():
    made = make_prompt(described())
    assert "piano and flute" in made.prompt
    assert "jazz album cover art" in made.prompt
    assert "mellow" in made.prompt
    assert made.parts["lyrics"] == "about rain, harbour, winter"
    assert made.parts["light"] == "soft morning light"
    assert made.prompt.startswith(f"{made.parts['medium']} of {made.parts['scene']}")


def test_an_instrument_that_is_not_sure_is_not_painted():
    made = make_prompt(described(instruments=(Tag("harp", 0.05), Tag("flute", 0.4))))
    assert made.parts["instruments"] == "with hints of flute"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"valence": 0.1}, "light"),
        ({"arousal": 0.05}, "motion"),
        ({"instruments": ()}, "instruments"),
        ({"genres": ()}, "use"),
        ({"lyrics": ()}, "lyrics"),
        ({"tempo": 190.0}, "motion"),
    ],
)
def test_what_is_heard_changes_its_part(change, part):
    assert make_prompt(described(**change)).parts[part] != make_prompt(described()).parts[part]


def test_a_section_has_its_own_prompt():
    heard = described()
    drop = make_prompt(heard, heard.section("drop"))
    assert drop.parts["instruments"] == "with hints of drum kit"
    assert drop.parts["lyrics"] == "about rain, harbour"
    assert "an outburst at its height" in drop.prompt
    assert make_prompt(heard, heard.section("outro")).parts["lyrics"] == "about winter, morning"


def test_the_negative_prompt_is_the_opposite_of_the_feeling():
    assert make_prompt(described(0.95, 0.05)).negative.endswith(
        "gloomy, dark, grim, busy, crowded, aggressive"
    )
    assert make_prompt(described(0.05, 0.95)).negative.endswith(
        "cheerful, bright colours, smiling, calm, static, empty"
    )
    assert make_prompt(described(0.5, 0.5)).negative.endswith("deformed")


def test_nothing_heard_still_gives_a_prompt():
    silent = described(
        0.5, 0.5, genres=(), moods=(), instruments=(), lyrics=(), voice=(), tempo=None, key=None
    )
    assert make_prompt(silent).prompt.endswith("album cover art")
    assert ", ," not in make_prompt(silent).prompt


def test_words_that_say_nothing_are_passed_over():
    lines = [LyricLine("Yeah yeah baby, I wanna"), LyricLine("Море и ночь"), LyricLine("море")]
    assert sung_most(lines) == ["море", "ночь"]


def test_a_language_model_writes_the_prompt_and_the_seed_matters(tmp_path):
    pytest.importorskip("diffusers", reason="needs the extra neural")
    folder = tiny_networks.llama(tmp_path / "llama")
    drafted = make_prompt(described())
    one, same, other = (rewrite(drafted, folder, seed=seed, device="cpu") for seed in (0, 0, 1))
    assert one == same
    assert one.prompt != other.prompt
    assert one.negative == drafted.negative
    assert 0 < len(one.prompt) <= 400
    assert "\n" not in one.prompt


def test_a_language_model_that_is_not_there_is_named():
    pytest.importorskip("diffusers", reason="needs the extra neural")
    with pytest.raises(CheckpointError, match="no-such-folder/x is not on this machine"):
        rewrite(make_prompt(described()), "no-such-folder/x")
