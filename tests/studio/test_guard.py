"""Who is answered."""

from studio_uploads import TOKEN, png

from va_space.studio.guard import COOKIE, session
from va_space.studio.serve import find_token, is_loopback


def test_other_names_of_this_machine_are_refused(client):
    # A page of evil.example whose name was made to point here.
    answer = client.get("/api/libraries", headers={"host": "evil.example:8765"})
    assert answer.status_code == 421
    assert client.get("/api/libraries", headers={"host": "127.0.0.1:8765"}).status_code == 200


def test_pages_of_other_sites_change_nothing(client):
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert client.post("/api/match", data={"text": "calm"}, headers=headers).status_code == 403
    own = {"origin": "http://localhost:8765", "sec-fetch-site": "same-origin"}
    assert client.post("/api/match", data={"text": "calm"}, headers=own).status_code == 200


def test_every_answer_says_what_the_browser_may_do(client):
    for path in ("/", "/explore", "/nothing", "/static/studio.js", "/api/libraries"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_token_is_asked_for(make_client):
    client = make_client(base_url="http://studio.example", token=TOKEN)
    assert client.get("/api/libraries").status_code == 401
    assert client.get("/media/0", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.post("/api/match", files={"files": ("a.png", png())}).status_code == 401
    page = client.get("/explore", headers={"accept": "text/html"}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/explore")
    assert client.get("/static/studio.css").status_code == 200
    assert client.get("/api/libraries", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_token_becomes_a_cookie(make_client):
    client = make_client(base_url="http://studio.example", token=TOKEN)
    assert client.post("/login", data={"token": "wrong"}).status_code == 401
    entered = client.post("/login?next=//evil.example", data={"token": TOKEN}, follow_redirects=False)
    assert entered.headers["location"] == "/"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert client.get("/api/libraries").status_code == 200
    client.cookies.clear()
    client.cookies.set(COOKIE, session("another"))
    assert client.get("/api/libraries").status_code == 401
    client.cookies.clear()
    linked = client.get(f"/explore?token={TOKEN}", follow_redirects=False)
    assert linked.headers["location"] == "/explore"
    assert client.get("/explore").status_code == 200
    assert client.get("/?token=wrong").status_code == 401


def test_where_tokens_come_from(tmp_path, monkeypatch):
    assert is_loopback("::1")
    assert find_token("127.0.0.1", None) is None
    made = find_token("0.0.0.0", None)
    assert made != find_token("0.0.0.0", None)
    assert len(made) > 30
    file = tmp_path / "new" / "token"
    kept = find_token("127.0.0.1", file)
    assert kept == find_token("0.0.0.0", file) == file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("VA_SPACE_STUDIO_TOKEN", TOKEN)
    assert find_token("127.0.0.1", None) == TOKEN
