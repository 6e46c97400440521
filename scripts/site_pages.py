"""Pages of the site from outside docs/: the README, the cards, and a reference made from the docstrings.

Links to files of sound become players.

A hook of mkdocs (``hooks`` in mkdocs.yml).
"""

import json
import posixpath
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
# Files outside docs/, and where the site has them.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "perf/README.md": "perf.md",
    "va_space/weights/README.md": "model-card.md",
    "va_space/weights/text/README.md": "text-model-card.md",
    "va_space/generation/music/symbolic_judge.md": "symbolic-judge.md",
}
# Linked from pages, and shown as they are.
PLAIN = {
    "LICENSE": "LICENSE.txt",
    "CITATION.cff": "CITATION.cff.txt",
    "va_space/weights/LICENSE": "weights-license.txt",
    "va_space/demo/clips/CREDITS.md": "clips/CREDITS.txt",
}
# Sound that pages play, and the site's folder for it.
CLIPS, CLIPS_FOLDER = "va_space/demo/clips", "clips"
# The public packages, in the order of the layers; what lies in them is documented module by module.
REFERENCE = (
    "emotion",
    "media",
    "page",
    "networks",
    "encoders",
    "datasets",
    "targets",
    "feedback",
    "export",
    "retrieval",
    "transfer",
    "generation",
    "report",
    "explanation",
    "production",
    "training",
    "benchmark",
    "studio",
)
_LINK = re.compile(r"(\]\()([^)#\s]+)(#[^)]*)?\)")
_SOUND = re.compile(r'<a href="([^"]+\.(?:ogg|mp3))">(.*?)</a>', re.S)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for source, target in PAGES.items():
        text = _relink((ROOT / source).read_text("utf-8"), source)
        files.append(File.generated(config, target, content=text))
    for source, target in PLAIN.items():
        files.append(File.generated(config, target, content=(ROOT / source).read_text("utf-8")))
    for path in sorted((ROOT / CLIPS).glob("*.ogg")):
        files.append(File.generated(config, f"{CLIPS_FOLDER}/{path.name}", abs_src_path=str(path)))
    for path in sorted((ROOT / "docs/notebooks").glob("*.ipynb")):
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=notebook_page(path)))
    for uri, text in reference_pages().items():
        files.append(File.generated(config, uri, content=text))
    for file in files:
        if file.src_uri.startswith("reference/"):
            file.inclusion = InclusionLevel.INCLUDED
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links of the guides to files outside docs/ become links to their pages."""
    source = f"docs/{page.file.src_uri}"
    return markdown if page.file.generated_by else _relink(markdown, source)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links to sound become players, which load nothing before they are started."""
    return _SOUND.sub(_player, html)


def _player(link: re.Match[str]) -> str:
    address, text = link[1], link[2]
    label = re.sub(r"<[^>]*>", "", text).replace('"', "&quot;")
    return f'<audio controls preload="none" src="{address}" aria-label="{label}">{link[0]}</audio>'


def _relink(text: str, source: str) -> str:
    """Links between files of the repository as links between pages of the site."""
    folder = posixpath.dirname(source)

    def relinked(match: re.Match[str]) -> str:
        link, anchor = match[2], match[3] or ""
        if "://" in link:
            return match[0]
        file = posixpath.normpath(posixpath.join(folder, link))
        if file.startswith("va_space/") and file.endswith(".py"):
            module = file.removesuffix(".py").replace("/", ".")
            anchor = anchor or f"#{module}"
            file = f"reference/{module.split('.')[1]}.md"
        target = PAGES.get(file) or PLAIN.get(file) or _inside(file)
        if source.startswith("docs/notebooks/"):
            target = f"../{target}"
        return f"{match[1]}{target}{anchor})"

    return _LINK.sub(relinked, text)


def _inside(file: str) -> str:
    """Where the site has a file of the guides, or a clip."""
    if file.startswith(f"{CLIPS}/"):
        return f"{CLIPS_FOLDER}/{posixpath.basename(file)}"
    return file.removeprefix("docs/").replace(".ipynb", ".md")


def notebook_page(path: Path) -> str:
    """A notebook as a page: its text and its code, without results."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    parts = ["".join(cell["source"]) for cell in cells]
    page = "\n\n".join(
        part if cell["cell_type"] == "markdown" else f"```python\n{part}\n```"
        for cell, part in zip(cells, parts, strict=True)
    )
    return _relink(page, f"docs/notebooks/{path.name}")


def reference_pages() -> dict[str, str]:
    """A page for each public package, and one for the names that most programs need."""
    pages = {"reference/index.md": _page("va_space", ["va_space", "va_space.space", "va_space.errors"])}
    for package in REFERENCE:
        modules = sorted(_modules(ROOT / "va_space" / package))
        pages[f"reference/{package}.md"] = _page(f"va_space.{package}", modules)
    return pages


def _modules(folder: Path) -> list[str]:
    found = []
    for path in folder.rglob("*.py"):
        parts = PurePosixPath(path.relative_to(ROOT).as_posix()).with_suffix("").parts
        if any(part.startswith("_") and part != "__init__" for part in parts):
            continue
        found.append(".".join(part for part in parts if part != "__init__"))
    return found


def _page(title: str, modules: list[str]) -> str:
    return "\n\n".join([f"# {title}", *(f"::: {module}" for module in modules)]) + "\n"
