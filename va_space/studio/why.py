"""Why: a result of Match and what was asked, each explained towards the other, as a job."""

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from PIL import Image

from va_space.explanation.drawing import drawing_of
from va_space.explanation.page import write_explanation
from va_space.explanation.pair import Pair, explain_pair
from va_space.media.kinds import MediaInput
from va_space.retrieval.library import Library
from va_space.retrieval.results import Found, Result
from va_space.space import VASpace
from va_space.studio.errors import Refused
from va_space.studio.forms import is_fragment
from va_space.studio.jobs import Job, Made
from va_space.studio.making import JobInfo, begin
from va_space.studio.questions import Wish
from va_space.studio.state import Studio
from va_space.studio.tabs import Tab
from va_space.studio.uploads import upload_name
from va_space.targets import MusicTarget, PictureTarget, Target
from va_space.text import valid_unicode

_DOING = {"Map": "Where in the picture", "Seconds of music": "When in the track"}
_READ, _EXPLAINED = 0.05, 0.95  # shares of the work


@dataclass(frozen=True)
class Why:
    """What the job's template shows; it lies on the disk, where room is bounded.

    Attributes:
        path: A part of a page.
    """

    path: Path

    @property
    def html(self) -> Markup:
        """The part."""
        return Markup(self.path.read_text(encoding="utf-8"))


def add_why_routes(router: APIRouter, studio: Studio, tab: Tab) -> None:
    """How the explanation of a result is asked for, from the page and by the API."""

    async def asked(
        id: str,
        revision: Annotated[int, Form(description="Of the answers, as the search said.")],
        answer: Annotated[int, Form(description="Its number, from 1.")],
        rank: Annotated[int, Form(description="Of the result.")],
    ) -> Job:
        question = studio.questions[id]
        wish, result = question.result(revision, answer, rank)
        known = studio.jobs.get(question.whys.get((answer, result.path), ""))
        if known is not None and known.state not in ("failed", "cancelled"):
            return known
        library = studio.libraries[question.library]
        query, found = _query(wish), _found(studio.space, library, result)
        title = f"Why {valid_unicode(result.title)} for {wish.target.name}"
        job = await begin(
            studio, "why", [], lambda _: title, lambda job, _: _explain(studio, job, query, found)
        )
        question.whys[answer, result.path] = job.id
        return job

    @router.post("/match/{id}/why", include_in_schema=False)
    async def ask_from_page(request: Request, job: Annotated[Job, Depends(asked)]) -> HTMLResponse:
        template = "job.html" if is_fragment(request) else "why-page.html"
        return HTMLResponse(studio.render(template, tab=tab, job=job), 202)

    @router.post("/api/match/{id}/why", status_code=202, summary="Explain a result: begin a job")
    async def ask_from_program(job: Annotated[Job, Depends(asked)]) -> JobInfo:
        """Where in the picture, when in the track, which words, and what would change it.

        The job makes a page and the same as JSON. Asked for again, the same job answers for as long as its
        files are kept. Of a word, a text, several files as one, and a track or video that was sent, only the
        result is explained; the notes say so.
        """
        return JobInfo.of(studio, job)


def _query(wish: Wish) -> Target:
    """What was asked for; pictures with what is kept of them, which is as large as the model needs."""
    if not isinstance(wish.target, PictureTarget):
        return wish.target
    pictures: list[MediaInput] = [Image.open(io.BytesIO(each)) for each in wish.pictures]
    return replace(wish.target, source=pictures[0] if len(pictures) == 1 else pictures)


def _found(space: VASpace, library: Library, result: Found) -> PictureTarget | MusicTarget:
    if result.vector is None or not result.is_there:
        raise Refused(
            404, f"{valid_unicode(result.title)}: its file is gone, so that nothing in it can be explained"
        )
    kind = MusicTarget if isinstance(result, Result) else PictureTarget
    return kind.of(space, result.vector, name=result.title, source=result.path, kind=library.kind)


def _explain(studio: Studio, job: Job, query: Target, found: PictureTarget | MusicTarget) -> Made:
    job.names[found.source] = found.name  # type: ignore[index]  # a path
    job.progress(0.01, "Which words")
    sides = 1 + (len(query.sources) == 1)
    begun: list[str] = []

    def progress(what: str, done: int, total: int) -> None:
        if what not in begun:
            begun.append(what)
        part = (len(begun) - 1 + done / max(total, 1)) / sides
        job.progress(_READ + (_EXPLAINED - _READ) * min(part, 1.0), _DOING.get(what, what))

    pair = explain_pair(studio.space, query, found, progress=progress)
    job.progress(_EXPLAINED, "Drawing")
    return _written(studio, job, pair)


def _written(studio: Studio, job: Job, pair: Pair) -> Made:
    part, page, data = (job.folder / name for name in ("part.html", "why.html", "why.json"))
    drawings = [drawing_of(each) for each in pair.explanations]
    part.write_text(
        studio.render("why-part.html", drawings=drawings, notes=pair.notes, key=job.id), encoding="utf-8"
    )
    if pair.explanations:
        write_explanation(page, *pair.explanations, notes=pair.notes)
    data.write_text(valid_unicode(json.dumps(pair.to_dict(), indent=2, ensure_ascii=False)), encoding="utf-8")
    name = upload_name(job.title.replace("/", "-"))
    publish = studio.media.publish
    return Made([publish(each, name + each.suffix) for each in (page, data) if each.exists()], Why(part))
