"""Write va_space/sbom.cdx.json, what the wheel ships under which licence, from scripts/shipped.toml.

python scripts/make_sbom.py            # and print the table of docs/install.md

CycloneDX 1.6. The file is the same for the same contents: it has no date and no serial number. The code is
one component without a hash, so that the file changes only when something else does; the wheel's RECORD has
the hashes of code.
"""

import configparser
import fnmatch
import hashlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "va_space"
SBOM = PACKAGE / "sbom.cdx.json"

Component = dict[str, Any]


def components() -> list[Component]:
    """What is shipped, in the order of scripts/shipped.toml."""
    return tomllib.loads((ROOT / "scripts" / "shipped.toml").read_text("utf-8"))["component"]


def files_of(shipped: list[Component]) -> dict[str, list[str]]:
    """Name of a component -> its files, relative to the package; each file belongs to the first that fits."""
    found: dict[str, list[str]] = {component["name"]: [] for component in shipped}
    for path in sorted(PACKAGE.rglob("*")):
        name = path.relative_to(PACKAGE).as_posix()
        if path.is_dir() or "__pycache__" in name:
            continue
        owner = next(each for each in shipped if any(fnmatch.fnmatch(name, glob) for glob in each["files"]))
        found[owner["name"]].append(name)
    return found


def metadata() -> configparser.SectionProxy:
    """The package's metadata, from setup.cfg."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config["metadata"]


def bill() -> dict[str, Any]:
    """The bill of materials."""
    shipped = components()
    files = files_of(shipped)
    *parts, own = shipped
    about = metadata()
    whole = {
        "type": "library",
        "bom-ref": f"pkg:pypi/va-space@{about['version']}",
        "name": "va-space",
        "version": about["version"],
        "purl": f"pkg:pypi/va-space@{about['version']}",
        "licenses": [{"expression": about["license_expression"]}],
    }
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": whole},
        "components": [
            *(_described(part) | {"components": _hashed(files[part["name"]])} for part in parts),
            _described(own),
        ],
    }


def _described(component: Component) -> dict[str, Any]:
    about = {key: component[key] for key in ("type", "name", "version", "copyright") if key in component}
    licence_file = (Path("va_space") / component["licence_file"]).as_posix().removeprefix("va_space/../")
    properties = {
        "va-space:commercial-use": "yes" if component["commercial"] else "no",
        "va-space:licence-text": licence_file,
        "va-space:source": component["source"],
    }
    return about | {
        "bom-ref": component["name"],
        "licenses": [{"expression": component["licence"]}],
        "properties": [{"name": name, "value": value} for name, value in properties.items()],
    }


def _hashed(names: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "type": "file",
            "bom-ref": f"va_space/{name}",
            "name": f"va_space/{name}",
            "hashes": [
                {"alg": "SHA-256", "content": hashlib.sha256((PACKAGE / name).read_bytes()).hexdigest()}
            ],
        }
        for name in names
    ]


def text() -> str:
    """The file's content."""
    return json.dumps(bill(), indent=1, ensure_ascii=False) + "\n"


def table() -> str:
    """The table of docs/install.md."""
    lines = ["| what | licence | commercial use | from |", "|---|---|---|---|"]
    for each in components():
        name = " ".join(filter(None, [each["name"], each.get("version")]))
        allowed = "yes" if each["commercial"] else "**no**"
        lines.append(f"| {name} | {each['licence']} | {allowed} | {each['source']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    SBOM.write_text(text(), encoding="utf-8")
    sys.stdout.write(table() + "\n")
