"""What a recipe's source gives, before anything is read."""

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.errors import DatasetError
from va_space.training.recipe import load_recipe
from va_space.training.sources import space_data


def test_tables_that_leave_one_picture_to_validate_on_are_refused_in_words(tmp_path):
    rows = []
    for row in range(9):
        Image.fromarray(np.full((40, 40, 3), row * 20, np.uint8)).save(tmp_path / f"{row}.png")
        rows.append(f"{row}.png,0.5,0.{row}")
    (tmp_path / "pictures.csv").write_text("\n".join(["path,valence,arousal", *rows]))
    for row in range(9):
        soundfile.write(tmp_path / f"{row}.wav", np.sin(np.arange(80000) * (row + 1) / 50), 8000)
    (tmp_path / "music.csv").write_text(
        "\n".join(rows).replace(".png", ".wav").join(["path,valence,arousal\n", "\n"])
    )
    recipe = load_recipe(
        "smoke",
        ["data.source=table", f"data.root={tmp_path}", 'data.tables=["pictures.csv", "music.csv"]'],
    )
    with pytest.raises(DatasetError, match="more groups are needed"):
        space_data(recipe)
