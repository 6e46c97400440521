"""The bill of materials that ships is what the sources say, and every file has a licence."""

import re
from pathlib import PurePosixPath

import pytest
from packaging.licenses import canonicalize_license_expression

# What a file of ours may be; anything else is somebody's work or made from data, and a component of its own.
OWN = {".py", ".typed", ".toml", ".html", ".css", ".js", ".md", ".LICENSE", ".cdx.json", ""}


@pytest.fixture(scope="module")
def make_sbom(script):
    return script("make_sbom")


def test_the_file_is_what_the_script_writes(make_sbom):
    assert make_sbom.SBOM.read_text("utf-8") == make_sbom.text(), "run scripts/make_sbom.py"


def test_data_and_works_of_others_are_components_of_their_own(make_sbom):
    *parts, own = make_sbom.files_of(make_sbom.components()).items()
    assert all(files for _, files in parts)
    suffixes = {"".join(PurePosixPath(name).suffixes) for name in own[1]}
    assert {suffix if suffix in OWN else PurePosixPath(suffix).suffix for suffix in suffixes} <= OWN
    assert not [name for name in own[1] if ".min." in name]


def test_licences_are_those_of_the_package_and_their_texts_come_along(make_sbom):
    about = make_sbom.metadata()
    shipped = make_sbom.components()
    of_parts = {each for component in shipped for each in component["licence"].split(" AND ")}
    assert of_parts == set(about["license_expression"].split(" AND "))
    for expression in (about["license_expression"], *(component["licence"] for component in shipped)):
        assert canonicalize_license_expression(expression) == expression
    texts = set(about["license_files"].split())
    assert {f"va_space/{each['licence_file']}".replace("va_space/../", "") for each in shipped} == texts


def test_non_commercial_parts_say_so(make_sbom):
    for component in make_sbom.components():
        assert component["commercial"] is ("-NC-" not in component["licence"]), component["name"]


def test_the_page_has_the_table(make_sbom):
    assert make_sbom.table() in (make_sbom.ROOT / "docs" / "install.md").read_text("utf-8")


def test_references_are_unique(make_sbom):
    references = re.findall(r'"bom-ref": "([^"]+)"', make_sbom.text())
    assert len(references) == len(set(references)) > 40
