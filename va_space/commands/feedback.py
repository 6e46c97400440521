"""``va-space feedback``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from va_space.commands import VERBS
from va_space.commands._common import AsJson, Device, Model, Precision, about, open_space, remark, show_table
from va_space.text import printable, valid_unicode

if TYPE_CHECKING:
    from va_space.feedback import Feedback, Item, Rating
    from va_space.retrieval.library import Library
    from va_space.space import VASpace


@VERBS.register("feedback")
def feedback(
    item: Annotated[
        str | None,
        typer.Argument(
            metavar="ITEM", help="What is rated: a track, a picture, what was composed.", show_default=False
        ),
    ] = None,
    query: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="QUERY",
            help="What it was to answer: a picture, a track, a feeling, as in search. Without it the item is "
            "rated by itself.",
            show_default=False,
        ),
    ] = None,
    stars: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=5,
            help="How well it answers or, without --for, how much you like it.",
            show_default=False,
        ),
    ] = None,
    say: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD",
            help="What it should have been: calmer, livelier, brighter, sadder, tenser, gentler, ...; or "
            "right. Can be repeated.",
            show_default=False,
        ),
    ] = None,
    library: Annotated[
        str | None,
        typer.Option(
            "--library",
            "-l",
            help="The library that the item was found in; it stands there.",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[str, typer.Option(metavar="NAME", help="Whose ratings.")] = "me",
    listed: Annotated[bool, typer.Option("--list", help="Show the profile's ratings.")] = False,
    imported: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="FILE.json",
            help="Keep what a report's page saved, or --export.",
            show_default=False,
        ),
    ] = None,
    exported: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="FILE.json", help="Write the profile's ratings.", show_default=False
        ),
    ] = None,
    delete: Annotated[
        list[int] | None,
        typer.Option(metavar="NUMBER", help="Forget a rating, as --list numbers it.", show_default=False),
    ] = None,
    delete_all: Annotated[bool, typer.Option("--delete-all", help="Forget the whole profile.")] = False,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Say how well something answers, and let searching, composing and restyling learn from it.

    Ratings are kept on this machine alone, in a file that VA_SPACE_FEEDBACK may name, with the vectors of
    what was rated: the files may go. A later rating of the same item for the same query replaces the first.

    What they teach is used with --profile me in search, compose, restyle and soundtrack. Words teach
    quickest: where you want answers, as against where the model looks for them. Stars teach what you like.
    """
    from va_space.feedback import Feedback, read_ratings, write_ratings
    from va_space.feedback.profile import Profile
    from va_space.feedback.teaching import taught

    actions = {
        "ITEM": item is not None,
        "--list": listed,
        "--import": imported is not None,
        "--export": exported is not None,
        "--delete": bool(delete),
        "--delete-all": delete_all,
    }
    chosen = [name for name, wanted in actions.items() if wanted]
    if len(chosen) != 1:
        raise typer.BadParameter(f"give one of {', '.join(actions)}", param_hint="ITEM")
    if item is None and (query is not None or stars is not None or say or library):
        raise typer.BadParameter("--for, --stars, --say and --library go with an ITEM", param_hint="ITEM")
    store = Feedback()
    if item is not None:
        if stars is None and not say:
            raise typer.BadParameter("say how good it is: --stars, --say or both", param_hint="--stars")
        rating = _rating(item, query, stars, tuple(say or ()), profile, library, model, device, precision)
        known = store.ratings(profile, rating.model)
        before = Profile.learn(known, name=profile, model=rating.model) if known else None
        store.add([rating])
        after = store.profile(profile, rating.model)
        remark(taught(rating, before, after))
        remark(after.words)
    elif imported is not None:
        count = store.add(read_ratings(imported, profile=profile))
        remark(f"{count} rating{'s' * (count != 1)} of {printable(imported)} kept for {printable(profile)}.")
    elif exported is not None:
        _export(store, profile, exported, write_ratings)
    elif listed:
        show_table([_row(rating) for rating in store.ratings(profile)], as_json)
    else:
        count = store.delete_profile(profile) if delete_all else store.delete(delete or ())
        remark(f"{count} rating{'s' * (count != 1)} forgotten.")


def _rating(
    item: str,
    query: str | None,
    stars: int | None,
    words: tuple[str, ...],
    profile: str,
    library: str | None,
    model: str | None,
    device: str | None,
    precision: str,
) -> "Rating":
    from va_space.errors import FeedbackError
    from va_space.feedback import Rating
    from va_space.feedback.words import check_word
    from va_space.retrieval.library import Library

    for word in words:  # before the model is read
        with about("--say", FeedbackError):
            check_word(word)
    opened = None if library is None else Library.open(library)
    space = open_space(model, device, precision)
    if opened is not None:
        opened.check_model(space.fingerprint)
    asked = None if query is None else _item(space, query, opened)
    return Rating(_item(space, item, opened), asked, space.fingerprint, stars, words, profile)


def _item(space: "VASpace", source: str, library: "Library | None") -> "Item":
    from va_space.emotion.words import STRENGTH_IN_MUSIC
    from va_space.feedback import Item
    from va_space.retrieval.relative import standing_in
    from va_space.targets import FeelingTarget, read_target

    space.require_reference()
    target = read_target(space, source)
    if library is not None and target.modality == library.modality:
        return Item.of(target, standing_in(space, library).percentile(target.point))
    if isinstance(target, FeelingTarget):
        return Item.of(target, target.standing(space, strength=STRENGTH_IN_MUSIC))
    return Item.of(target, target.standing(space))


def _export(store: "Feedback", profile: str, path: Path, write: Any) -> None:
    """Of ratings with several models, a file for each."""
    ratings = store.ratings(profile)
    models = list(dict.fromkeys(rating.model for rating in ratings))
    for model in models or [""]:
        name = path if len(models) <= 1 else path.with_stem(f"{path.stem}-{model[:12]}")
        own = [rating for rating in ratings if rating.model == model]
        write(name, own)
        remark(f"{len(own)} rating{'s' * (len(own) != 1)}: {name}")


def _row(rating: "Rating") -> dict[str, Any]:
    return {
        "number": rating.id,
        "when": rating.at,
        "item": valid_unicode(rating.item.name),
        "for": None if rating.query is None else valid_unicode(rating.query.name),
        "stars": rating.stars,
        "should be": ", ".join(rating.words),
        "model": rating.model[:12],
    }
