"""From a form to a job: what all tabs that make something share."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, Self

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Request, UploadFile
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from va_space.studio.errors import Refused
from va_space.studio.forms import is_fragment
from va_space.studio.jobs import Job, Made
from va_space.studio.state import Studio
from va_space.studio.tabs import Tab
from va_space.studio.uploads import Upload, UploadKind, names_of
from va_space.text import shown

Groups = list[list[Upload]]
_TITLE = 100  # characters


class FileInfo(BaseModel):
    """A file that a job has made."""

    name: str
    url: str


class JobInfo(BaseModel):
    """A job."""

    id: str
    kind: str
    title: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    share: float = Field(description="Of the work that is done, in [0, 1].")
    doing: str
    before: int = Field(description="Jobs that run before it.")
    complaint: str = Field(description="Why it failed.")
    files: list[FileInfo]

    @classmethod
    def of(cls, studio: Studio, job: Job) -> Self:
        """A job for a program."""
        files = job.made.files if job.made else []
        return cls(
            id=job.id,
            kind=job.kind,
            title=job.title,
            state=job.state,
            share=job.share,
            doing=job.doing,
            before=studio.jobs.before(job),
            complaint=job.complaint,
            files=[FileInfo(name=each.name or "", url=each.url) for each in files],
        )


async def begin(
    studio: Studio,
    kind: str,
    files: Sequence[Sequence[UploadFile] | None],
    check: Callable[[Groups], str],
    work: Callable[[Job, Groups], Made],
) -> Job:
    """Take files, and put a job into the line.

    Args:
        studio: Where.
        kind: Of the job.
        files: As a form brings them, in groups, one for each of its fields.
        check: Gets the uploads by group, and gives the job a title; raises Refused for what cannot be done.
        work: Makes it, with the uploads, which are removed after it.

    Raises:
        MediaError: A file is of no kind that can be read.
        Refused: There are too many, or `check` says so.
    """
    folder = await anyio.to_thread.run_sync(studio.workspace.new_folder)
    try:
        groups = [await studio.workspace.take(each or [], folder) for each in files]
        uploads = [upload for group in groups for upload in group]
        job = Job(kind, shown(check(groups), _TITLE), folder, dict(names_of(uploads)))

        def made(job: Job) -> Made:
            try:
                return work(job, groups)
            finally:
                for upload in uploads:
                    upload.path.unlink(missing_ok=True)

        return studio.jobs.submit(job, made)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(studio.workspace.remove, folder)
        raise


def one_of(group: Sequence[Upload], what: str, kinds: Sequence[UploadKind]) -> Upload:
    """The only upload of a group.

    Raises:
        Refused: There is none, there are several, or it is of another kind.
    """
    if len(group) != 1:
        raise Refused(422, f"{what}: {'choose a file' if not group else 'one file, please'}")
    if group[0].kind not in kinds:
        raise Refused(422, f"{group[0].name}: a {group[0].kind}, where {what} is expected")
    return group[0]


def add_job_routes(
    router: APIRouter, studio: Studio, tab: Tab, kind: str, start: Callable[..., object]
) -> None:
    """The page of a tab, and the two ways to start its job: from the page, and by the API.

    Args:
        router: Gets the routes.
        studio: What they work with.
        tab: Whose they are.
        kind: Of the job; ``KIND.html`` is the page.
        start: A dependency that begins the job.
    """

    @router.get(tab.path, include_in_schema=False)
    async def show() -> HTMLResponse:
        return HTMLResponse(studio.render(f"{kind}.html", tab=tab, job=None))

    @router.post(f"/{kind}", include_in_schema=False)
    async def start_from_page(request: Request, job: Annotated[Job, Depends(start)]) -> HTMLResponse:
        template = "job.html" if is_fragment(request) else f"{kind}.html"
        return HTMLResponse(studio.render(template, tab=tab, job=job), 202)

    @router.post(
        f"/api/{kind}", status_code=202, summary=f"{tab.title}: begin a job", operation_id=f"begin_{kind}"
    )
    async def start_from_program(job: Annotated[Job, Depends(start)]) -> JobInfo:
        return JobInfo.of(studio, job)


def jobs_router(studio: Studio) -> APIRouter:
    """How jobs are watched and ended."""
    router = APIRouter(tags=["jobs"])

    def page(job: Job, **headers: str) -> HTMLResponse:
        return HTMLResponse(studio.render("job.html", tab=None, job=job), headers=headers)

    @router.get("/jobs/{id}", include_in_schema=False)
    async def watch(id: str) -> HTMLResponse:
        job = studio.jobs[id]
        if job.ended:  # the whole of it, where only the bar was asked for
            return page(job, **{"HX-Retarget": f"#job-{job.id}", "HX-Reswap": "outerHTML"})
        return HTMLResponse(studio.render("progress.html", tab=None, job=job))

    @router.post("/jobs/{id}/cancel", include_in_schema=False)
    async def end(id: str) -> HTMLResponse:
        return page(studio.jobs.cancel(id))

    @router.get("/api/jobs/{id}", summary="How far a job is, and what it has made")
    async def job_info(id: str) -> JobInfo:
        return JobInfo.of(studio, studio.jobs[id])

    @router.delete("/api/jobs/{id}", summary="End a job, or forget what it has made")
    async def end_job(id: str) -> JobInfo:
        return JobInfo.of(studio, studio.jobs.cancel(id))

    return router
