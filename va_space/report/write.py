"""The page itself."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from jinja2 import Environment
from markupsafe import Markup
from numpy.typing import ArrayLike

from va_space.page.environment import page_environment, write_page
from va_space.page.plane import Plane
from va_space.report.answer import Answer
from va_space.report.marks import THUMBNAIL, mark
from va_space.report.moments import moments_of
from va_space.report.ratings import CHOICES, is_rateable, rateable_data
from va_space.report.sounds import Sound, SoundKey, make_sounds, sound_key, whole_sound
from va_space.report.wall import Hung, hang
from va_space.retrieval.results import Found, PictureResult

PAGE = Path(__file__).parent
EMBED_LIMIT = 48_000_000


def write_report(
    path: str | Path,
    answers: Sequence[Answer],
    *,
    cloud: ArrayLike,
    model: str,
    title: str | None = None,
    story: bool = False,
    others: Sequence[Found] = (),
    embed_limit: int = EMBED_LIMIT,
    rateable: bool = False,
    template: Path = PAGE / "report.html",
    values: Mapping[str, object] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a page that shows and plays what was found: tracks, or a wall of pictures.

    Args:
        path: The page, an HTML file; it is complete or not there.
        answers: What to show, at least one; all results are tracks, or all are pictures.
        cloud: (n, 2) valence and arousal of the whole library, as :meth:`MusicLibrary.points` gives them.
        model: Identity of the model.
        title: Of the page; by default made from what was asked.
        story: The queries are the pictures of a story, with one result each: the page draws the way through
            the plane and plays the cues one after the other. Of pictures: the results of the one query are
            slides, and the page shows which is on while the track plays.
        others: Further tracks that the plane shows as dots that play when they are clicked.
        embed_limit: Bytes of sound that are embedded, about 7 kB a second, in the order of the answers, and
            of pictures that were found; the rest is linked to the files where they are, relative to the page.
            0 links everything.
        rateable: Let visitors give stars and words to tracks, which the page saves as a file for
            ``va-space feedback --import``.
        template: A Jinja2 template that extends ``report.html``.
        values: What that template needs besides.
        progress: Called after each cue was read, with (cues done, cues in all).

    Raises:
        MediaError: A picture cannot be read. A track that cannot be is shown without a player.
        ValueError: There are no answers.
    """
    if not answers:
        raise ValueError("a report needs at least one query")
    path = Path(path)
    points = np.asarray(cloud, np.float64).reshape(-1, 2)
    results = [result for answer in answers for result in answer.results]
    pictures = [result for result in results if isinstance(result, PictureResult)]
    media = "pictures" if pictures else "music"
    hung = hang(pictures, path.parent, embed_limit=embed_limit, progress=progress)
    asked = {track: whole_sound(track) for answer in answers for track in answer.tracks if pictures}
    cues = [key for key in (*asked.values(), *map(sound_key, (*results, *others))) if key]
    sounds = make_sounds(cues, path.parent, embed_limit=embed_limit, progress=progress)
    feelings = [each.place for each in [*results, *others]]
    plane = Plane(
        np.concatenate([points, [answer.point for answer in answers], np.reshape(feelings, (-1, 2))])
    )
    marks = mark(plane, answers, story=story)
    ratings = rateable_data(answers, model) if rateable else None
    scripts = ["report.js"] if ratings is None else ["report.js", "ratings.js"]
    script = "".join((PAGE / name).read_text(encoding="utf-8") for name in scripts)
    html = (
        _environment(template, sounds, hung)
        .get_template(template.name)
        .render(
            title=title or _title(answers, story, media),
            media=media,
            entries="pictures" if pictures else "tracks",
            players={track: sounds.get(key) for track, key in asked.items() if key},
            answers=answers,
            story=story,
            others=others,
            doubt=_doubt(results),
            gone=sum(not result.is_there for result in results),
            found=len(results),
            relative=any(answer.relative for answer in answers),
            library_size=len(points),
            cloud=plane.cloud(points),
            plane=plane,
            radius=THUMBNAIL,
            marks=marks,
            way="M" + " ".join(f"{x} {y}" for each in marks for x, y in [disc.home for disc in each.discs]),
            sounds=list(sounds.values()),
            model=model,
            ratings=ratings,
            choices=CHOICES,
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            **(values or {}),
        )
    )
    write_page(path, html)


def report_environment(*folders: Path) -> Environment:
    """Jinja2 with the templates of folders, and the report's after them.

    The report's templates also need the filters ``sound`` and ``hung``, which say where media are.
    """
    environment = page_environment(*folders, PAGE)
    environment.filters["moments"] = moments_of
    environment.tests["rateable"] = is_rateable
    return environment


def _environment(template: Path, sounds: Mapping[SoundKey, Sound], hung: Mapping[Path, Hung]) -> Environment:
    environment = report_environment(template.parent)
    environment.filters["sound"] = lambda result: (key := sound_key(result)) and sounds.get(key)
    environment.filters["hung"] = lambda result: hung.get(result.path)
    return environment


def _doubt(results: Sequence[Found]) -> tuple[float, float] | None:
    """Mean standard deviation of the results' valence and arousal, if they are known."""
    stds = [(each.valence_std, each.arousal_std) for each in results if each.valence_std is not None]
    if not stds:
        return None
    valence, arousal = np.mean(np.array(stds, np.float64), axis=0)
    return float(valence), float(arousal)


def _title(answers: Sequence[Answer], story: bool, media: str) -> str:
    if story and media == "music":
        return f"Music for a story of {len(answers)} pictures"
    asked = answers[0].name if len(answers) == 1 else f"{len(answers)} queries"
    return f"{media.capitalize()} for {asked}"
