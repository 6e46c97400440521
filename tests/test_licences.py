"""No package that anything of ours needs, with any extra, is under the GPL; the LGPL is no obstacle."""

import re
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement

EXTRAS = [
    extra for extra in distribution("va-space").metadata.get_all("Provides-Extra") or [] if extra != "dev"
]


def licences(name: str) -> str:
    """What an installed distribution says of its licence."""
    about = distribution(name).metadata
    said = [about.get("License-Expression"), *(about.get_all("Classifier") or [])]
    short = about.get("License") or ""
    return " | ".join(text for text in [*said, short.splitlines()[0] if short else None] if text)


def needed(name: str, extras: set[str], seen: set[str]) -> set[str]:
    """Installed distributions that one needs, and what these need."""
    try:
        requirements = map(Requirement, distribution(name).requires or [])
    except PackageNotFoundError:
        return seen
    for requirement in requirements:
        marker = requirement.marker
        wanted = marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""})
        key = requirement.name.lower()
        if wanted and key not in seen:
            seen.add(key)
            needed(requirement.name, set(requirement.extras), seen)
    return seen


def is_gpl(text: str) -> bool:
    without_lgpl = re.sub(r"LGPL\S*|(?:GNU )?(?:Lesser|Library) General Public[^|]*", "", text)
    # A choice that includes another licence is no obstacle.
    return bool(re.search(r"GPL|General Public License", without_lgpl)) and " OR " not in text


def test_what_counts_as_gpl():
    assert is_gpl("GPL-2.0-or-later")
    assert is_gpl("License :: OSI Approved :: GNU General Public License v3 (GPLv3)")
    assert not is_gpl("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)")
    assert not is_gpl("LGPL-2.1-or-later")


@pytest.mark.parametrize("extra", ["", *sorted(EXTRAS)])
def test_no_package_is_under_the_gpl(extra):
    for name in sorted(needed("va-space", {extra}, set())):
        try:
            said = licences(name)
        except PackageNotFoundError:
            continue
        assert not is_gpl(said), f"{name}: {said}"
