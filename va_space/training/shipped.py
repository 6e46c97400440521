"""The recipes that ship, by name; imports nothing heavy, so that a command's help can list them."""

import warnings
from pathlib import Path

_FOLDER = Path(__file__).parent / "recipes"
_RENAMED = {"hear-scores": "pretrain-symbolic"}


def shipped_recipes() -> list[str]:
    """Their names, sorted.

    Example:
        >>> "smoke" in shipped_recipes()
        True
    """
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def recipe_path(recipe: str | Path) -> Path:
    """The file of a recipe, given as a file or by the name of one that ships.

    Warns:
        DeprecationWarning: The recipe has another name now.
    """
    path = Path(recipe)
    if path.suffix:
        return path
    name = str(recipe)
    if name in _RENAMED:
        warnings.warn(f"the recipe {name} is called {_RENAMED[name]} now", DeprecationWarning, stacklevel=3)
        name = _RENAMED[name]
    return _FOLDER / f"{name}.toml"
