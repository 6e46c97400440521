"""Match without the web: what was sent becomes wishes, and wishes are answered."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

from PIL import Image

from va_space.emotion.words import nearest_words
from va_space.errors import MediaError
from va_space.feedback import Rating
from va_space.feedback.profile import Profile
from va_space.feedback.ratings import Item
from va_space.media.pictures import load_picture
from va_space.media.video.stills import read_stills
from va_space.page.embedded import jpeg_bytes
from va_space.report.answer import Answer, make_answer
from va_space.report.ratings import is_rateable
from va_space.retrieval.library import Library, MusicLibrary
from va_space.retrieval.relative import compare, standing_of
from va_space.retrieval.search import search
from va_space.space import VASpace
from va_space.studio.errors import Refused
from va_space.studio.questions import Question, Wish
from va_space.studio.uploads import Upload
from va_space.targets import FeelingTarget, Target, Text, TextTarget, mean_target, read_target
from va_space.text import shown

_SHOWN, _SHOWN_SIDE = 4, 720  # pictures of a wish that are shown, and their longer side
_STILLS = 12
LONGEST_TEXT = 2000  # characters


def read_text(space: VASpace, text: str) -> Target:
    """What a client wrote: a word of feeling, a point or a text, and never the name of a file.

    Raises:
        Refused: It is none of them.
    """
    text = text.strip()
    if len(text) > LONGEST_TEXT:
        raise Refused(422, f"a text of at most {LONGEST_TEXT:,} characters can be read")
    try:
        if FeelingTarget.accepts(text):
            return FeelingTarget.read(space, text)
    except ValueError as error:
        raise Refused(422, str(error)) from error
    if space.reads_text and " " in text:  # one word is more likely mistyped than meant as a text
        return TextTarget.read(space, Text(text))
    near = nearest_words(text)
    hint = f"do you mean {' or '.join(near)}?" if near else "such as calm, happy, sad or tense"
    raise Refused(422, f"{shown(text)}: no known word of feeling; {hint}")


def read_upload(space: VASpace, upload: Upload) -> tuple[Target, tuple[bytes, ...]]:
    """A file as a target that bears the client's name of it, and what is to be seen of it as JPEG.

    Of a video the pictures count, and not the sound: it is to get other music.

    Raises:
        MediaError: It cannot be read.
    """
    seen: list[Image.Image] = []
    try:
        if upload.kind == "video":
            stills = read_stills(upload.path, _STILLS)
            target = replace(read_target(space, list(stills)), source=upload.path)
            seen = stills[:: max(1, len(stills) // _SHOWN)][:_SHOWN]
        else:
            target = read_target(space, upload.path)
        if upload.kind == "picture":
            seen = [load_picture(upload.path, min_side=_SHOWN_SIDE)]
    except MediaError as error:
        raise MediaError(upload.name, error.reason) from error  # by the name that the client knows
    return replace(target, name=upload.name), tuple(jpeg_bytes(each, _SHOWN_SIDE) for each in seen)


def read_wishes(
    space: VASpace,
    library: Library,
    uploads: Sequence[Upload],
    text: str = "",
    *,
    together: bool = False,
) -> list[Wish]:
    """What music is wanted for, read while the files are there.

    Args:
        space: The model.
        library: Where it will be looked for.
        uploads: Files; each is a wish.
        text: A word, a point or a text; a wish of its own, if there is one.
        together: All wishes are one: their mean.

    Raises:
        MediaError: A file cannot be read.
        Refused: There is no wish, or wishes of several kinds have no mean.
    """
    library.check_model(space.fingerprint)
    read = [read_upload(space, upload) for upload in uploads]
    if text.strip():
        read.append((read_text(space, text), ()))
    if not read:
        raise Refused(422, "nothing to search for: choose a file, or write how it should feel")
    if together and len(read) > 1:
        try:
            whole = mean_target(space, [target for target, _ in read])
        except ValueError as error:
            raise Refused(422, str(error)) from error
        read = [(whole, tuple(picture for _, pictures in read for picture in pictures)[:_SHOWN])]
    return [_wish(space, library, target, pictures) for target, pictures in read]


def _wish(space: VASpace, library: Library, target: Target, pictures: tuple[bytes, ...]) -> Wish:
    standing = compare(space, library, target).standing
    asked = None if standing is None else Item.of(target, standing)
    if target.modality is not None and target.modality != "text":
        target = replace(target, source=None)  # the files go
    return Wish(target, asked, pictures)


def answer(
    space: VASpace, library: Library, question: Question, profile: Profile | None = None
) -> list[Answer]:
    """What is found for each wish of a question."""
    answers = []
    for wish in question.wishes:
        target = wish.target
        results = search(
            space,
            library,
            target,
            question.count,
            clip=question.clip if isinstance(library, MusicLibrary) else None,
            diverse=question.diverse,
            explained=True,
            profile=profile,
        )
        if wish.pictures:
            target = replace(target, source=[Image.open(io.BytesIO(each)) for each in wish.pictures])
        comparison = compare(space, library, target)
        stands = standing_of(space, target)
        answers.append(replace(make_answer(target, results, comparison, stands=stands), asked=wish.asked))
    question.answered(answers)
    return answers


def make_rating(
    space: VASpace, question: Question, seen: tuple[int, int, int], profile: str, stars: int | None, word: str
) -> Rating:
    """A rating of a result.

    Args:
        space: The model.
        question: What it answers.
        seen: Revision of the answers, number of the answer, rank of the result.
        profile: Whose rating it is.
        stars: 1 to 5, or None.
        word: What it should have been, or "".

    Raises:
        FeedbackError: The rating says nothing, or what cannot be.
        Refused: The result cannot be rated, or is shown no more.
    """
    wish, result = question.result(*seen)
    if wish.asked is None or not is_rateable(result):
        raise Refused(409, "this model has no reference distributions, so that nothing can be rated")
    assert result.percentiles is not None
    item = Item(result.hash, result.title, "music", result.percentiles, result.vector)
    return Rating(item, wish.asked, space.fingerprint, stars, (word,) if word else (), profile)


def given_ratings(
    answers: Sequence[Answer], ratings: Sequence[Rating]
) -> Mapping[str, dict[str, int | str | None]]:
    """What was said before of what is shown now: stars and word by ``answer-rank``."""
    known = {(each.query.hash if each.query else "", each.item.hash): each for each in ratings}
    found: dict[str, dict[str, int | str | None]] = {}
    for number, shown_answer in enumerate(answers, start=1):
        for result in shown_answer.results:
            query = shown_answer.asked.hash if shown_answer.asked else ""
            if rating := known.get((query, result.hash)):
                word = rating.words[0] if rating.words else None
                found[f"{number}-{result.rank}"] = {"stars": rating.stars, "word": word}
    return found
