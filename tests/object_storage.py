"""Object storage in this process: what a library by URI asks of the S3 protocol, without signatures."""

import hashlib
import threading
import urllib.parse
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree
from xml.sax.saxutils import escape

MADE = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def object_storage():
    """The address of an empty store; a bucket exists as soon as something is in it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.objects, server.uploads, server.lock = {}, {}, threading.Lock()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _etag(content):
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def handle_one_request(self):
        self.body = b""
        super().handle_one_request()

    def parse_request(self):
        if not super().parse_request():
            return False
        url = urllib.parse.urlsplit(self.path)
        self.key = urllib.parse.unquote(url.path).lstrip("/")  # bucket/name
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return True

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content_Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_xml(self, text):
        self.answer(200, f'<?xml version="1.0"?>{text}'.encode(), Content_Type="application/xml")

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        if "list-type" in self.query:
            return self.list_objects()
        content = self.server.objects.get(self.key)
        if content is None:
            return self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        headers = {"ETag": _etag(content), "Last_Modified": format_datetime(MADE, usegmt=True)}
        wanted = self.headers.get("Range")
        if not wanted:
            # The length of a HEAD is that of the object.
            if self.command == "HEAD":
                return self.answer(200, Content_Length=len(content), **headers)
            return self.answer(200, content, **headers)
        first, last = wanted.removeprefix("bytes=").split("-")
        start = int(first) if first else max(0, len(content) - int(last))
        stop = min(len(content), int(last) + 1) if first and last else len(content)
        headers["Content_Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
        return self.answer(206, content[start:stop], **headers)

    def list_objects(self):
        bucket = self.key.split("/")[0]
        prefix, delimiter = self.query.get("prefix", ""), self.query.get("delimiter", "")
        found, folders = [], set()
        for key, content in sorted(self.server.objects.items()):
            name = key.removeprefix(f"{bucket}/")
            if name == key or not name.startswith(prefix):
                continue
            rest = name[len(prefix) :]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.split(delimiter)[0] + delimiter)
            else:
                found.append((name, content))
        entries = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(content)}</Size><ETag>{_etag(content)}</ETag>"
            f"<LastModified>{MADE:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for name, content in found
        )
        entries += "".join(
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in sorted(folders)
        )
        self.answer_xml(
            f"<ListBucketResult><Name>{bucket}</Name><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
        )

    def do_PUT(self):
        if "uploadId" in self.query:
            self.server.uploads[self.query["uploadId"]][int(self.query["partNumber"])] = self.body
            return self.answer(200, ETag=_etag(self.body))
        source = self.headers.get("x-amz-copy-source")
        with self.server.lock:
            if self.headers.get("If-None-Match") == "*" and self.key in self.server.objects:
                return self.answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
            content = self.server.objects[urllib.parse.unquote(source).lstrip("/")] if source else self.body
            self.server.objects[self.key] = content
        if source:
            return self.answer_xml(f"<CopyObjectResult><ETag>{_etag(content)}</ETag></CopyObjectResult>")
        return self.answer(200, ETag=_etag(content))

    def do_POST(self):
        bucket = self.key.split("/")[0]
        if "uploads" in self.query:
            upload = str(len(self.server.uploads) + 1)
            self.server.uploads[upload] = {}
            return self.answer_xml(
                f"<InitiateMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{escape(self.key)}</Key>"
                f"<UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
            )
        if "uploadId" in self.query:
            parts = self.server.uploads.pop(self.query["uploadId"])
            content = b"".join(parts[number] for number in sorted(parts))
            with self.server.lock:
                self.server.objects[self.key] = content
            return self.answer_xml(
                f"<CompleteMultipartUploadResult><Key>{escape(self.key)}</Key><ETag>{_etag(content)}</ETag>"
                "</CompleteMultipartUploadResult>"
            )
        names = [node.text for node in ElementTree.fromstring(self.body).iter() if node.tag.endswith("Key")]
        for name in names:
            self.server.objects.pop(f"{bucket}/{name}", None)
        deleted = "".join(f"<Deleted><Key>{escape(name)}</Key></Deleted>" for name in names)
        return self.answer_xml(f"<DeleteResult>{deleted}</DeleteResult>")

    def do_DELETE(self):
        if "uploadId" in self.query:
            self.server.uploads.pop(self.query["uploadId"], None)
        else:
            self.server.objects.pop(self.key, None)
        self.answer(204)
