"""Documents hold no placeholder, and name only commands that there are."""

import importlib.util
import re

import pytest
from documents import DOCUMENTS, ROOT, commands
from typer.main import get_command

# Anything in capitals that stands for text to come, as whole words.
PLACEHOLDER = re.compile(r"\b(XX+|TODO|TBD|FIXME)\b|\?\?\?|Other work ran on|lorem ipsum", re.I)
# A word that stands for any verb, and the verb that docs/extending.md adds (tests/test_extending.py runs it).
NO_VERBS = {"VERB", "hello"}


def name_of(document):
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_no_placeholder(document):
    found = [
        f"{number}: {line}"
        for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1)
        if PLACEHOLDER.search(line)
    ]
    assert not found


def options_of(words):
    """The options among the words of a command, without their values."""
    return {word.split("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)}  # -1 is a number


def known_options(path):
    """The options that a script's source adds."""
    calls = re.findall(r"add_argument\(([^)]*)", path.read_text(encoding="utf-8"))
    return {"--help", *re.findall(r'"(--?[A-Za-z][\w-]*)"', " ".join(calls))}


@pytest.fixture(scope="module")
def verbs():
    """Every verb of the command line, with the names of its options."""
    from va_space.cli import app

    group = get_command(app)
    context = group.make_context("va-space", [], resilient_parsing=True)
    loaded = {name: group.get_command(context, name) for name in group.list_commands(context)}
    own = {option for each in group.params for option in each.opts} | {"--help"}
    return own, {
        name: {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
        for name, command in loaded.items()
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_verb_and_option_is_there(document, verbs):
    own, known = verbs
    for program, *words in commands(document):
        if program != "va-space" or words[0] in NO_VERBS:
            continue
        if words[0].startswith("-"):
            assert options_of(words) <= own, words
        else:
            assert words[0] in known, words
            assert options_of(words) <= known[words[0]] | {"--help"}, words


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_script_module_and_option_is_there(document):
    for program, *words in commands(document):
        if program != "python":
            continue
        if words[0] == "-m":
            spec = importlib.util.find_spec(words[1])
            assert spec is not None, words
            if words[1] == "pytest":
                missing = [word for word in words[2:] if "/" in word and not (ROOT / word).exists()]
                assert not missing
            else:
                assert options_of(words[2:]) <= known_options(ROOT / spec.origin), words
            continue
        path = ROOT / words[0]
        assert path.is_file(), words
        assert options_of(words[1:]) <= known_options(path), words


def test_commands_are_found():
    found = [words for document in DOCUMENTS for words in commands(document)]
    assert ["python", "perf/embedding.py", "--model", "paper"] in found
    assert ["va-space", "search", "serene", "-l", "library", "--report", "page.html"] in found
    assert len(found) > 100


def test_the_first_block_names_what_the_demo_writes():
    from va_space.demo.music import clips
    from va_space.demo.photographs import PHOTOGRAPHS

    pictures = {f"pictures/{photograph.name}.jpg" for photograph in PHOTOGRAPHS}
    there = pictures | {f"music/{clip.path.name}" for clip in clips()}
    words = [word for words in commands(ROOT / "README.md") for word in words]
    named = {word for word in words if word.startswith(("pictures/", "music/"))}
    assert named
    assert named <= there
    # What the block's verbs need.
    extras = set(re.search(r"-e '\.\[(demo[^\]]*)\]'", (ROOT / "Makefile").read_text())[1].split(","))
    assert extras >= {"demo", "explain", "studio", "tags"}
