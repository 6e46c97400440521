"""Match: music for pictures, videos, tracks and words, ranked anew as it is rated."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse

from va_space.report.answer import Answer
from va_space.studio.forms import BoundedRoute, Files, is_fragment
from va_space.studio.matching import answer, given_ratings, make_rating, read_wishes
from va_space.studio.plane import drawn
from va_space.studio.questions import Question
from va_space.studio.results import Matched
from va_space.studio.state import Studio
from va_space.studio.tabs import TABS, Tab
from va_space.studio.why import add_why_routes

Text = Annotated[
    str,
    Form(description='A word such as serene, a point such as 0.8,0.3, or a text such as "after the rain".'),
]
Count = Annotated[int, Form(ge=1, description="Results for each.")]
Seconds = Annotated[
    float | None,
    Form(gt=0, le=600, description="Length of the passages; by default one window of the model."),
]
Diverse = Annotated[bool, Form(description="Results that are not all alike.")]
Together = Annotated[bool, Form(description="All that was sent as one: its mean.")]
Personal = Annotated[bool, Form(description="Rank as the ratings so far teach.")]
Library = Annotated[str, Form(description="Where to search; by default the first library.")]
Stars = Annotated[int | None, Form(ge=1, le=5)]
Word = Annotated[str, Form(max_length=40, description="What it should have been, such as calmer.")]


@TABS.register("match")
class Match(Tab):
    """Music for what is dropped on it."""

    title = "Match"
    order = 10

    def router(self, studio: Studio) -> APIRouter:
        """The page, the search and the ratings."""
        router = APIRouter(route_class=BoundedRoute, tags=["match"])
        page, work = self._page, studio.workers.run

        async def asked(
            files: Files = None,
            text: Text = "",
            library: Library = "",
            count: Count = 10,
            seconds: Seconds = None,
            diverse: Diverse = False,
            together: Together = False,
            personal: Personal = False,
        ) -> Question:
            where = studio.libraries[library]
            name = library or next(iter(studio.libraries))
            async with studio.workspace.holding(files or []) as uploads:
                wishes = await work(
                    lambda: read_wishes(studio.space, where, uploads, text, together=together)
                )
            count = min(count, studio.settings.most_results)
            question = Question(wishes, name, count, diverse, seconds, personal)
            studio.questions.add(question)
            return question

        async def rated(
            id: str,
            revision: Annotated[int, Form()],
            answer: Annotated[int, Form()],
            rank: Annotated[
                str,
                Form(pattern=r"^\d{1,3}(,\d{1,3}){0,9}$", description="Of a result; or several, as 1,2,3."),
            ],
            stars: Stars = None,
            word: Word = "",
        ) -> Question:
            question = studio.questions[id]
            await work(
                lambda: _rate(
                    studio,
                    question,
                    [(revision, answer, each) for each in map(int, rank.split(","))],
                    stars,
                    word,
                )
            )
            question.personal = True
            return question

        @router.get(self.path, include_in_schema=False)
        async def show() -> HTMLResponse:
            return HTMLResponse(page(studio))

        @router.post("/match", include_in_schema=False)
        async def match_page(request: Request, question: Annotated[Question, Depends(asked)]) -> HTMLResponse:
            return HTMLResponse(await work(lambda: page(studio, question, is_fragment(request))))

        @router.post("/match/{id}/rating", include_in_schema=False)
        async def rate_page(request: Request, question: Annotated[Question, Depends(rated)]) -> HTMLResponse:
            return HTMLResponse(await work(lambda: page(studio, question, is_fragment(request))))

        @router.post("/api/match", summary="Music for pictures, videos, tracks, or a word")
        async def match(question: Annotated[Question, Depends(asked)]) -> Matched:
            return await work(lambda: Matched.of(studio, question, answers_to(studio, question)))

        @router.post("/api/match/{id}/rating", summary="Rate results, and have them ranked anew")
        async def rate(question: Annotated[Question, Depends(rated)]) -> Matched:
            return await work(lambda: Matched.of(studio, question, answers_to(studio, question)))

        add_why_routes(router, studio, self)
        return router

    def _page(self, studio: Studio, question: Question | None = None, fragment: bool = False) -> str:
        """The page, with the answers to a question; or these alone."""
        if question is None:
            return studio.render("match.html", tab=self, question=None)
        answers = answers_to(studio, question)
        ratings = (
            []
            if studio.feedback is None
            else studio.feedback.ratings(studio.profile_name, studio.space.fingerprint)
        )
        profile = studio.profile()
        return studio.render(
            "answers.html" if fragment else "match.html",
            tab=self,
            question=question,
            answers=answers,
            given=given_ratings(answers, ratings),
            profile=profile.words if profile and question.personal else "",
            library=studio.libraries[question.library],
            drawn=drawn(answers, studio.clouds.of(question.library, studio.libraries[question.library])),
        )


def answers_to(studio: Studio, question: Question) -> list[Answer]:
    """What is found for a question, as the profile wants it if that was asked for."""
    profile = studio.profile() if question.personal else None
    return answer(studio.space, studio.libraries[question.library], question, profile)


def _rate(
    studio: Studio, question: Question, seen: list[tuple[int, int, int]], stars: int | None, word: str
) -> None:
    if studio.feedback is None:
        from va_space.studio.errors import Refused

        raise Refused(409, "this studio takes no ratings")
    studio.feedback.add(
        make_rating(studio.space, question, each, studio.profile_name, stars, word) for each in seen
    )
