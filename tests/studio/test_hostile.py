"""What nobody would send by mistake: nothing of it crashes the server, stays there, or leaves its folder."""

import io
import random
import resource
import struct
import threading
import wave
import zlib

import pytest
from studio_server import answer_to, serving
from studio_uploads import png

from va_space.studio.settings import Settings

LIMIT = 1 << 20
NAMES = (
    "../../../etc/passwd",
    "..\\..\\windows\\system32",
    "/etc/passwd",
    "C:\\x.png",
    "a\x00b.png",
    ".",
    "..",
    "",
    " ",
    "~/.bashrc",
    "%2e%2e%2fx",
    "|touch x",
    "$(touch x)",
    "a" * 5000,
    "<script>alert(1)</script>.png",
    "\u202egnp.exe",
    "nul",
    "file:///etc/passwd",
    "http://127.0.0.1/",
    "concat:/etc/passwd",
    "\r\nX: y",
    "é音.png",
    "-rf",
    "*",
    "x/../y",
)


def bomb_png(side=60_000):
    """A few kilobytes that claim to be a picture of 3.6 gigapixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def long_wav():
    """A head that promises an hour and a half of sound, and no sound."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes(8))
    content = bytearray(file.getvalue())
    content[40:44] = struct.pack("<I", 8000 * 5400)
    return bytes(content)


def contents():
    """Files that are not what they say."""
    rng, real = random.Random(0), png(size=(64, 64))
    lies = {
        "empty.png": b"",
        "text.png": b"no picture at all",
        "page.jpg": b"<html><script>alert(1)</script></html>",
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "list.m3u8": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "list.mp4": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "bomb.png": bomb_png(),
        "long.wav": long_wav(),
        "archive.jpg": b"PK\x03\x04" + bytes(100),
        "program.mp3": b"\x7fELF" + bytes(200),
        "script.wav": b"#!/bin/sh\ntouch /tmp/x\n",
        "pickle.npy": b"\x80\x04cos\nsystem\n(S'touch x'\ntR.",
        "font.ogg": b"OggS" + bytes(60),
        "id3.mp3": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(64),
        "riff.wav": b"RIFF\xff\xff\xff\xffWAVEfmt " + bytes(20),
        "gif.gif": b"GIF89a\xff\xff\xff\xff\x80" + bytes(30),
        "eps.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
        "tiff.tif": b"II*\x00\x08\x00\x00\x00\xff\xff" + bytes(40),
        "flac.flac": b"fLaC" + b"\xff" * 80,
        "cut.png": real[: len(real) // 2],
    }
    damaged = {}
    for number in range(30):
        content = bytearray(real)
        for _ in range(6):
            content[rng.randrange(len(content))] = rng.randrange(256)
        damaged[f"damaged-{number}.png"] = bytes(content)
    return {**lies, **damaged}


def multipart(name, content, boundary=b"x0x"):
    head = b'--%s\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n' % (boundary, name)
    return head + content + b"\r\n--%s--\r\n" % boundary


def post(body, *more, length=None, path=b"/api/match"):
    lines = [
        b"POST %s HTTP/1.1" % path,
        b"Host: localhost",
        b"Connection: close",
        b"Content-Type: multipart/form-data; boundary=x0x",
        b"Content-Length: %d" % (length or len(body)),
        *more,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def raw_requests():
    """Requests that no client of good will makes."""
    picture = multipart(b"a.png", png())
    chunked = (
        b"POST /api/match HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x0x\r\n"
    )
    chunked += b"Transfer-Encoding: chunked\r\n\r\n"
    endless = chunked + b"".join(b"10000\r\n" + bytes(65_536) + b"\r\n" for _ in range(40))
    return [
        post(b"", length=10**15),
        post(picture, length=2 * LIMIT),  # the rest never comes
        endless,
        chunked + b"zz\r\n",
        chunked.replace(b"chunked\r\n", b"chunked\r\nContent-Length: 4\r\n") + b"0\r\n\r\n",
        post(picture, b"X: " + b"a" * 100_000),
        post(picture, *[b"X-%d: y" % n for n in range(5000)]),
        post(picture, b"Content-Length: 3"),
        post(picture, b"Expect: 100-continue"),
        post(b"--x0x\r\n" + b"A" * 200_000),
        post(b"".join(multipart(b"%d" % n, b"") for n in range(400))),
        post(
            b'--x0x\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
            + b"a" * 300_000
            + b"\r\n--x0x--\r\n"
        ),
        post(b"--x0x--\r\n"),
        post(picture.replace(b"x0x", b"y" * 100)),
        post(picture, path=b"/api/../../etc/passwd"),
        b"GET /media/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET http://169.254.169.254/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00" + bytes(100),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        bytes(range(256)) * 40,
        b"TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"POST /api/match HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    ]


@pytest.fixture
def bounded(make_client):
    return make_client(settings=Settings(upload_bytes=LIMIT, upload_seconds=3.0))


def test_a_hundred_hostile_requests(bounded, studio_folder, tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    raw, files, folder = raw_requests(), contents(), studio_folder(bounded)
    assert len(raw) + len(NAMES) + len(files) == 100
    with serving(bounded.app) as port:
        for request in raw:
            answer = answer_to(port, request, 5)  # one of them leaves the server waiting
            status = answer[9:12]
            assert b"root:" not in answer
            assert not answer or status[:1] in (b"1", b"2", b"4"), (request[:80], answer[:300])
        for name in NAMES:
            encoded = name.encode().replace(b"\r", b"%0D").replace(b"\n", b"%0A").replace(b'"', b"%22")
            answer = answer_to(port, post(multipart(encoded, png())))
            assert answer[9:12] in (b"200", b"400", b"422"), (name, answer[:200])
        for name, content in files.items():
            answer = answer_to(port, post(multipart(name.encode(), content)))
            # Six wrong bytes may leave a picture that can be read.
            wanted = (b"200", b"422") if name.startswith("damaged") else (b"422",)
            assert answer[9:12] in wanted, (name, answer[:300])
            assert str(folder).encode() not in answer
            assert b"root:" not in answer
        assert (
            answer_to(port, b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")[9:12]
            == b"200"
        )
        assert list(folder.iterdir()) == []
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400 << 10  # KiB


def test_twenty_clients_with_five_searches_each(make_client, studio_folder):
    client = make_client(settings=Settings(workers=2))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers, pictures = [], [png((number, 255 - number, 90)) for number in range(100)]
    with serving(client.app) as port:

        def ask(number):
            for content in pictures[5 * number : 5 * number + 5]:
                answers.append(answer_to(port, post(multipart(b"%d.png" % number, content)), 120))

        threads = [threading.Thread(target=ask, args=[number]) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert list(studio_folder(client).iterdir()) == []
    assert len(answers) == 100
    assert all(answer[9:12] == b"200" and b'"rank":1' in answer for answer in answers)
    assert len({answer[answer.index(b'"id"') :][:40] for answer in answers}) == 100
    assert len(client.app.state.studio.questions) == client.app.state.studio.settings.questions
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400 << 10


def test_more_than_may_wait_is_told_to_come_again(make_client):
    client = make_client(settings=Settings(workers=1, waiting=0))
    taken = client.app.state.studio.workers
    taken._taken = 1
    answer = client.post("/api/match", data={"text": "calm"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    taken._taken = 0
    assert client.post("/api/match", data={"text": "calm"}).status_code == 200


def test_a_full_folder_takes_no_more(make_client):
    client = make_client(settings=Settings(stored_bytes=10))
    (client.app.state.studio.workspace.new_folder() / "result").write_bytes(bytes(20))
    assert client.post("/api/match", files={"files": ("a.png", png())}).status_code == 507


def test_what_lasts_too_long_is_refused(make_client, wav):
    client = make_client(settings=Settings(sound_seconds=0.5))
    answer = client.post("/api/match", files={"files": ("a.wav", wav)})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("a.wav: lasts")
