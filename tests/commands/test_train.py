def test_recipe_that_does_not_exist(va_space):
    result = va_space("train", "dancing")
    assert result.returncode == 2
    assert "no such recipe" in result.stderr
    assert "open" in result.stderr


def test_key_that_does_not_exist(va_space, tmp_path):
    recipe = tmp_path / "mine.toml"
    recipe.write_text("")
    result = va_space("train", recipe, "schedule.epoch=3")
    assert result.returncode == 2
    assert "epoch" in result.stderr
    assert len(result.stderr.splitlines()) == 1
