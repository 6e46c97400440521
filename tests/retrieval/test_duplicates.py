"""Files that hold the same are one result."""

import shutil

import numpy as np
import pytest

from va_space.retrieval.duplicates import without_duplicates
from va_space.retrieval.index import index
from va_space.retrieval.search import search


def row(path, content, vector):
    return {"path": path, "hash": content, "vector": np.float32(vector)}


def test_one_row_for_one_content_or_one_vector():
    rows = [row("c", "1", [1, 0]), row("b", "2", [0, 1]), row("a", "1", [1, 1e-7]), row("d", "3", [1, 0])]
    found = without_duplicates(rows)
    assert [(each["path"], each["also"]) for each in found] == [("a", ["c", "d"]), ("b", [])]
    assert without_duplicates([row("a", "", [1, 0]), row("b", "", [0, 1])])[1]["path"] == "b"


@pytest.mark.parametrize("query", ["0.5,0.5", "track"])
def test_copies_take_one_place_of_the_results(tiny_space, files, tmp_path, query):
    folder = tmp_path / "music"
    folder.mkdir()
    for file in files[:3]:
        shutil.copy(file, folder)
    for number in range(9):
        shutil.copy(files[0], folder / f"x{number}{files[0].suffix}")
    library = index(tiny_space, folder, tmp_path / "library").library
    results = search(tiny_space, library, files[0] if query == "track" else query, k=3)
    assert {result.path.name for result in results} == {file.name for file in files[:3]}
    copies = {result.path.name: [path.name for path in result.also] for result in results}
    assert copies[files[0].name] == [f"x{number}{files[0].suffix}" for number in range(9)]
    assert copies[files[1].name] == copies[files[2].name] == []
