"""Write tests/golden/public_api.txt, what docs/install.md calls public: a change of it is a visible diff.

python scripts/public_api.py

Python: the names of ``va_space`` and ``va_space.errors``, and those that examples of the guides import, with
their signatures. The command line: verbs, arguments and options. The REST API: calls, parameters and results.
Files: columns and versions of formats. Needs the extras docs, studio and video.
"""

import ast
import inspect
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import griffe
import pyarrow as pa

from va_space import MusicLibrary, VASpace

ROOT = Path(__file__).parents[1]
PUBLIC = ROOT / "tests" / "golden" / "public_api.txt"
Thing = griffe.Object | griffe.Alias
_EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def surface() -> str:
    """All of it."""
    space = VASpace.from_pretrained(device="cpu")
    parts = {
        "Python": python_lines(),
        "Command line": command_lines(),
        "REST API": rest_lines(space),
        "Files": file_lines(space),
    }
    return "\n".join(line for title, part in parts.items() for line in (f"# {title}", "", *part, ""))


def documented_names() -> set[str]:
    """What examples of the README and the guides import, with its module."""
    found = set()
    for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for example in _EXAMPLE.findall(document.read_text("utf-8")):
            try:
                tree = ast.parse(example)
            except SyntaxError:  # a signature, not a program
                continue
            found |= {
                f"{node.module}.{name.name}"
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "va_space"
                for name in node.names
            }
    return found


def python_lines() -> Iterator[str]:
    """Each public name with its signature, and the members of classes below it."""
    package = griffe.load("va_space", search_paths=[ROOT], resolve_aliases=True)
    errors = list(package["errors"].classes)
    names = {f"va_space.{name}" for name in package.exports or ()}
    names |= {f"va_space.errors.{name}" for name in errors} | documented_names()
    shown: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (name.count("."), name)):
        thing = package[name.removeprefix("va_space.")]
        last = name.rpartition(".")[2]
        if thing.is_module and last in thing.members:  # a function that hides the module of its name
            thing = thing[last]
        first = shown.setdefault(thing.canonical_path, name)
        yield from _described(name, thing) if first == name else [f"{name} = {first}"]


def _described(name: str, thing: Thing) -> Iterator[str]:
    if thing.is_function:
        yield f"{name}{_signature(thing)}"
    elif thing.is_attribute:
        value = f" = {thing.value}" if "module-attribute" in thing.labels and not thing.annotation else ""
        yield f"{name}{f': {thing.annotation}' if thing.annotation else value}"
    else:
        yield f"class {name}{_signature(thing)}" if thing.is_class else f"module {name}"
        for member, each in sorted(_members(thing).items()):
            yield from (f"    {line}" for line in _described(member, each))


def _members(thing: Thing) -> dict[str, Thing]:
    """Public members, inherited ones too, of a class or of a module that are ours and defined there."""
    members = {**thing.inherited_members, **thing.members} if thing.is_class else thing.members
    return {
        name: each
        for name, each in members.items()
        if not name.startswith("_")
        and (thing.is_class or not each.is_alias)
        and each.canonical_path.startswith("va_space.")
    }


def _signature(thing: Thing) -> str:
    parameters = [
        f"{'*' if each.kind is griffe.ParameterKind.var_positional else ''}"
        f"{'**' if each.kind is griffe.ParameterKind.var_keyword else ''}{each.name}"
        f"{f': {each.annotation}' if each.annotation else ''}"
        f"{f' = {each.default}' if each.default is not None and not each.kind.name.startswith('var') else ''}"
        for each in thing.parameters
    ]
    keywords = [each.kind is griffe.ParameterKind.keyword_only for each in thing.parameters]
    if True in keywords and not any("*" in each for each in parameters):
        parameters.insert(keywords.index(True), "*")
    returned = getattr(thing, "returns", None) if thing.is_function else None
    return f"({', '.join(parameters)}){f' -> {returned}' if returned else ''}"


def command_lines() -> Iterator[str]:
    """Verbs with their arguments and options, and what these take."""
    from typer.main import get_command

    from va_space.cli import app
    from va_space.commands import VERBS

    group = get_command(app)
    context = group.make_context("va-space", [], resilient_parsing=True)
    for verb in sorted(VERBS.shipped()):
        kinds = {name: each.annotation for name, each in inspect.signature(VERBS[verb]).parameters.items()}
        for each in group.get_command(context, verb).params:
            names = ", ".join(sorted({*each.opts, *each.secondary_opts}))
            kind = inspect.formatannotation(get_args(kinds[each.name])[0]).replace("typing.", "")
            yield f"va-space {verb} {names}: {kind}{' (old name)' if each.hidden else ''}"


def rest_lines(space: VASpace) -> Iterator[str]:
    """Calls of the studio, with their parameters, fields and answers."""
    from va_space.studio.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        about = {"model": space.fingerprint, "dimension": space.config.dimension, "root": folder}
        api = create_app(space, {"music": MusicLibrary.create(folder, **about)}).openapi()
    for path, calls in sorted(api["paths"].items()):
        for method, call in sorted(calls.items()):
            given = [f"{each['name']} in {each['in']}" for each in call.get("parameters", [])]
            for body in call.get("requestBody", {}).get("content", {}).values():
                given += [f"{name} in body" for name in _fields(api, body["schema"])]
            fine = next(status for status in sorted(call["responses"]) if status < "4")
            for answer in call["responses"][fine].get("content", {}).values():
                given += [f"-> {name}" for name in _fields(api, answer.get("schema", {}))]
            yield f"{method.upper()} {path}: {'; '.join(given)}"


def _fields(api: dict, schema: dict) -> list[str]:
    if reference := schema.get("$ref"):
        schema = api["components"]["schemas"][reference.rpartition("/")[2]]
    return sorted(schema.get("properties", {}))


def file_lines(space: VASpace) -> Iterator[str]:
    """Columns of tables, and the names and versions of the other formats."""
    from va_space.encoders import pretrained
    from va_space.export.rows import schema
    from va_space.feedback import exchange
    from va_space.retrieval.tables import LAYOUTS, READABLE, schemas
    from va_space.transfer import grade_files

    layouts = ", ".join(f"{modality} {layout}" for modality, layout in LAYOUTS.items())
    yield f"library layouts: {layouts}; reads {', '.join(READABLE)}"
    for modality in LAYOUTS:
        for table, columns in schemas("", space.config.dimension, ROOT, modality).items():
            yield f"library of {modality}, {table}: {_columns(columns)}"
    yield f"exported vectors: {_columns(schema(space, None))}"
    yield f"exported windows: {_columns(schema(space, 10.0))}"
    yield f"model: config.json of va-space, version {pretrained._VERSION}; model.safetensors"
    yield f"ratings: {exchange.FORMAT}, version {exchange.VERSION}"
    yield f"grade: {grade_files.FORMAT}"


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {str(field.type).replace('element: ', '')}" for field in schema)


if __name__ == "__main__":
    PUBLIC.write_text(surface(), encoding="utf-8")
