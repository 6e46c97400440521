"""Explore: the points of a library, and what they are."""

import numpy as np


def test_points_and_what_they_are(client, library):
    answer = client.get("/api/libraries/music/points")
    values = np.frombuffer(answer.content, "<u2").reshape(-1, 2)
    assert len(values) == len(library) == 12
    assert values.min() >= 0
    assert np.ptp(values) > 10_000  # percentiles lie all over
    assert answer.headers["x-relative"] == "true"
    again = client.get("/api/libraries/music/points", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    wanted = {"version": answer.headers["x-version"], "numbers": [3, 0, 99]}
    entries = client.post("/api/libraries/music/entries", json=wanted).json()
    ids, _ = library.points()
    titles = {row["title"] for row in library.tracks([ids[0], ids[3]])}
    assert {entry["title"] for entry in entries} == titles
    assert sorted(entry["number"] for entry in entries) == [0, 3]
    assert client.get(entries[0]["sound"].partition("#")[0]).status_code == 200


def test_what_cannot_be_asked(client):
    assert client.get("/api/libraries/none/points").status_code == 404
    stale = {"version": "0-0", "numbers": [0]}
    assert client.post("/api/libraries/music/entries", json=stale).status_code == 409
    many = {"version": "x", "numbers": list(range(1000))}
    assert client.post("/api/libraries/music/entries", json=many).status_code == 422
