"""What goes out."""

import pytest
from studio_uploads import png

from va_space.studio.errors import Refused
from va_space.studio.media import Media


@pytest.fixture
def sound(search):
    return search(text="calm", count=1)["answers"][0]["results"][0]["sound"].partition("#")[0]


def test_sound_in_ranges(client, sound, files):
    whole = client.get(sound)
    assert whole.status_code == 200
    assert whole.content in [file.read_bytes() for file in files]
    assert whole.headers["content-type"].startswith("audio/")
    part = client.get(sound, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert client.get(sound, headers={"Range": "bytes=999999999-"}).status_code == 416
    many = "bytes=" + ",".join(f"{n}-{n}" for n in range(5000))
    assert client.get(sound, headers={"Range": many}).status_code in (200, 400, 416)


def test_a_passage_as_mp3(client, sound):
    answer = client.get(f"{sound}/passage.mp3?start=0.5&length=1")
    assert answer.headers["content-type"] == "audio/mpeg"
    assert len(answer.content) > 1000
    assert client.get(f"{sound}/passage.mp3?start=nan").status_code == 422


@pytest.mark.parametrize(
    "path",
    ["/media/0", "/media/../../etc/passwd", "/media/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/static/../app.py",
     "/static/%2e%2e/app.py", "/static//etc/passwd", "/media/%00", "/media/' OR 1=1"],
)  # fmt: skip
def test_no_path_leads_out(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "root:" not in answer.text


def test_only_files_in_its_folders_are_published(tmp_path):
    (tmp_path / "in").mkdir()
    inside, outside = tmp_path / "in" / "a.png", tmp_path / "b.png"
    for path in (inside, outside):
        path.write_bytes(png())
    media = Media([tmp_path / "in"])
    assert media[media.publish(inside).id].path == inside
    for path in (outside, tmp_path / "in" / ".." / "b.png"):
        with pytest.raises(Refused, match="not in a folder"):
            media.publish(path)
    published = media.publish(inside)
    inside.unlink()
    with pytest.raises(Refused, match="any more"):
        media[published.id]


def test_what_a_browser_would_run_is_a_download(tmp_path):
    for name in ("a.html", "a.svg", "a.xml", "a.js"):
        (tmp_path / name).write_text("<script>1</script>")
        assert Media([tmp_path]).publish(tmp_path / name).kind == "application/octet-stream"
