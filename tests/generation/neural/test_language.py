import numpy as np
import pytest
import tiny_networks

from va_space.errors import ConfigError
from va_space.generation.neural.captions import caption
from va_space.generation.neural.descriptions import by_template, describe_music
from va_space.generation.neural.language import as_chat, generate_text

CHAT = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "a sad song"}]
LOOP = "{% for m in messages %}"
NO_SYSTEM = "{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif %}"
TURNS = "[{{ m.role }}|{{ m.content }}]{% endfor %}{% if add_generation_prompt %}>{% endif %}"


def test_the_chat_template_is_used():
    tokenizer = tiny_networks.tokenizer(tiny_networks.T5_MARKS)
    tokenizer.chat_template = LOOP + TURNS
    assert as_chat(tokenizer, CHAT) == "[system|be brief][user|a sad song]>"
    tokenizer.chat_template = LOOP + NO_SYSTEM + TURNS
    assert as_chat(tokenizer, CHAT) == "[user|be brief\n\na sad song]>"
    tokenizer.chat_template = None
    assert as_chat(tokenizer, CHAT) == "System: be brief\nUser: a sad song\nAssistant:"


def test_a_seed_is_an_answer_and_another_question_another(load):
    model = load("llama", "language")
    answer = generate_text(model, CHAT, seed=1, max_tokens=20)
    assert answer
    assert generate_text(model, CHAT, seed=1, max_tokens=20) == answer
    assert generate_text(model, CHAT, seed=2, max_tokens=20) != answer
    assert (
        len({generate_text(model, [{"role": "user", "content": word}]) for word in tiny_networks.WORDS[4:9]})
        > 3
    )
    calm = [generate_text(model, CHAT, seed=seed, max_tokens=20, temperature=0) for seed in (1, 2)]
    assert calm[0] == calm[1]


def test_a_chat_that_is_too_long(load):
    with pytest.raises(ConfigError, match="reads 512 tokens"):
        generate_text(load("llama", "language"), [{"role": "user", "content": "sad " * 500}])


def test_descriptions_follow_the_feeling_and_the_caption(load):
    model = load("llama", "language")
    said = {
        describe_music(model, word, feeling, shown)
        for word, feeling in (("sad", (0.1, 0.1)), ("tense", (0.1, 0.9)), ("happy", (0.9, 0.6)))
        for shown in (None, "a sad painting of the sea")
    }
    assert len(said) > 3
    assert all(0 < len(each.split()) <= 80 for each in said)
    places = [(v / 4, a / 4) for v in range(5) for a in range(5)]
    assert len({by_template("neutral", place) for place in places}) == 25


def test_captions_follow_the_picture_and_the_emotion(load):
    model = load("blip", "caption")
    rng = np.random.default_rng(0)
    noise, red = rng.integers(0, 255, (60, 80, 3), np.uint8), np.full((40, 40, 3), (250, 10, 10), np.uint8)
    told = {(name, word): caption(model, picture, word) for name, picture in (("noise", noise), ("red", red))
            for word in ("sad", "happy")}  # fmt: skip
    assert len(set(told.values())) == 4
    assert all(text.startswith(f"a {word} painting of") for (_, word), text in told.items())
    assert caption(model, red, "sad") == told["red", "sad"]
    assert caption(model, red, "excited", what="photograph").startswith("an excited photograph of")
