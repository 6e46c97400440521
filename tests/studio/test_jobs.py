"""The line of long work."""

import threading
import time

import pytest

from va_space.errors import MediaError
from va_space.studio.errors import Refused
from va_space.studio.jobs import Job, Jobs, Made
from va_space.studio.settings import Settings
from va_space.studio.uploads import Workspace


@pytest.fixture
def line():
    workspace = Workspace(Settings())
    jobs = Jobs(Settings(long_jobs=2, long_waiting=3, keep_seconds=60), workspace)
    yield jobs, lambda: Job("test", "A test", workspace.new_folder())
    jobs.close()
    workspace.close()


def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_at_once_the_others_wait_and_too_many_are_refused(line):
    jobs, make = line
    going, running, most = threading.Event(), [], []

    def work(job):
        running.append(job)
        most.append(len(running))
        going.wait(20)
        running.remove(job)
        return Made([])

    line_up = [jobs.submit(make(), work) for _ in range(5)]
    until(lambda: len(running) == 2)
    assert [job.state for job in line_up] == ["running"] * 2 + ["waiting"] * 3
    assert [jobs.before(job) for job in line_up[2:]] == [0, 1, 2]
    with pytest.raises(Refused, match="too many"):
        jobs.submit(make(), work)
    going.set()
    until(lambda: all(job.ended for job in line_up))
    assert max(most) == 2
    assert all(job.state == "done" and job.share == 1 for job in line_up)


def test_jobs_end_when_nobody_wants_them(line):
    jobs, make = line
    started = threading.Event()

    def work(job):
        started.set()
        while True:
            job.progress(0.5, "Working")
            time.sleep(0.005)

    first, second, third = (jobs.submit(make(), work) for _ in range(3))
    started.wait(20)
    jobs.cancel(third.id)  # it waits
    assert third.state == "cancelled"
    for job in (first, second):
        jobs.cancel(job.id)
    until(lambda: first.ended and second.ended)
    assert (first.state, second.state) == ("cancelled", "cancelled")
    assert not any(job.folder.exists() for job in (first, second, third))


def test_failures_are_told_without_paths(line):
    jobs, make = line

    def work(job):
        raise MediaError(job.folder / "abc", "no sound in it")

    def bug(job):
        raise ZeroDivisionError

    job = make()
    job.names[job.folder / "abc"] = "song.mp3"
    jobs.submit(job, work)
    broken = jobs.submit(make(), bug)
    until(lambda: job.ended and broken.ended)
    assert (job.state, job.complaint) == ("failed", "song.mp3: no sound in it")
    assert broken.state == "failed"
    assert "Zero" not in broken.complaint


def test_results_are_removed_after_a_while(line):
    jobs, make = line

    def work(job):
        (job.folder / "result").write_bytes(b"1")
        return Made([])

    job = jobs.submit(make(), work)
    until(lambda: job.ended)
    assert jobs[job.id] is job
    job.ended_at -= 61
    with pytest.raises(Refused, match="no such job"):
        jobs[job.id]
    assert not job.folder.exists()
