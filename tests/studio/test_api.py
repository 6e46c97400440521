"""The description of the API, for programs and for people."""

import re


def test_every_call_is_described(client):
    described = client.get("/openapi.json").json()
    assert "/api/match" in described["paths"]
    assert all(path.startswith(("/api", "/media", "/health")) for path in described["paths"])
    page = client.get("/api").text
    for path in described["paths"]:
        assert path in page
    assert set(re.findall(r'href="#(\w+)"', page)) <= set(re.findall(r'id="(\w+)"', page))


def test_no_page_needs_another_server(client):
    for path in ("/", "/explore", "/api", "/login"):
        page = client.get(path).text
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
        for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
            assert client.get(address).status_code == 200
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404
