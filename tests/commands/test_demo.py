import json


def test_table_and_page(va_space, tiny_model, tmp_path):
    result = va_space("demo", "-o", tmp_path / "demo", "--model", tiny_model, "--json")
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert {row["rank"] for row in rows} >= {1, 2, 3}
    page = tmp_path / "demo" / "index.html"
    assert page.as_uri() in result.stderr
    assert all(row["picture"] in page.read_text(encoding="utf-8") for row in rows)
