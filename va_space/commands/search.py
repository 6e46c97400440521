"""``va-space search``."""

import shlex
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from va_space.commands import VERBS
from va_space.commands._common import (
    AsJson,
    Device,
    Exclude,
    KindOption,
    Model,
    Page,
    Precision,
    ProfileOption,
    Texts,
    about,
    complain,
    leave,
    needs_extra,
    open_profile,
    open_space,
    progress_bar,
    remark,
    remark_notes,
    report,
    show_csv,
    show_table,
)
from va_space.commands._search_output import described, row_of, table_of
from va_space.text import printable

if TYPE_CHECKING:
    from va_space.emotion.reference import Kind
    from va_space.retrieval.library import Library, PictureLibrary
    from va_space.retrieval.results import Found, Result
    from va_space.space import Failure, VAScale, VASpace
    from va_space.targets import Target

    Answered = tuple[Target, Sequence[Found]]


@VERBS.register("search")
def search(
    library: Annotated[
        str, typer.Option("--library", "-l", help="What va-space index made.", show_default=False)
    ],
    queries: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUERY]...",
            help='Pictures (or a folder of them), tracks, "valence,arousal" such as 0.8,0.3, words of '
            'feeling such as serene, or texts such as "after the rain". A word goes before a file of that '
            "name; ./calm is the file.",
            show_default=False,
        ),
    ] = None,
    texts: Texts = None,
    k: Annotated[int, typer.Option("-k", min=1, help="Number of tracks, or pictures, to find.")] = 10,
    each: Annotated[
        bool, typer.Option("--each", help="Search for each query by itself, not for their mean.")
    ] = False,
    as_story: Annotated[
        bool,
        typer.Option(
            "--story",
            help="One passage for each query, in their order, with smooth joins. In a library of pictures: "
            "pictures in time with the sections of one track; needs the extra video.",
        ),
    ] = False,
    smoothness: Annotated[
        float,
        typer.Option(min=0, help="How much smooth joins weigh in a story, against fits, which weigh 1."),
    ] = 0.25,
    absolute: Annotated[
        bool,
        typer.Option(
            "--absolute", help="Compare predicted valence and arousal as they are, not where things stand."
        ),
    ] = False,
    kind: KindOption = None,
    clip: Annotated[
        float | None,
        typer.Option(
            help="Seconds of music wanted from each track. Default: one window of the model; in a story 30. "
            "In a story of pictures: seconds that one stays at most, by default 12.",
            show_default=False,
        ),
    ] = None,
    diverse: Annotated[
        bool, typer.Option("--diverse", help="Tracks that are not all alike: maximal marginal relevance.")
    ] = False,
    explained: Annotated[
        bool,
        typer.Option("--explain", help="How far in valence, in arousal, and in the rest of the space."),
    ] = False,
    exclude: Exclude = None,
    genre: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Only tracks with this in their genre. Repeated: or this."),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="SQL", help="Only tracks for which this holds: \"artist = 'Bach' AND arousal < 0.4\"."
        ),
    ] = None,
    min_duration: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="Only tracks at least this long.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV instead of a table.")] = False,
    m3u: Annotated[
        Path | None,
        typer.Option(metavar="FILE.m3u8", help="Also write a playlist.", show_default=False),
    ] = None,
    video: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.mp4",
            help="Also write a story of pictures as a slide show with the track's sound.",
            show_default=False,
        ),
    ] = None,
    page: Page = None,
    profile: ProfileOption = None,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Find the music, or the pictures, that feel most like a picture, a track, a feeling, or a text.

    Several queries are searched for as one, their mean; or --each by itself; or as a --story.

    A picture finds the tracks that stand in the library where it stands among photographs or paintings, a
    text those that stand where it stands among texts; a word or point, those with its percentiles: 0.9,0.5 is
    more pleasant than 90% of your music. The score says what share of music, spread evenly, would lie farther
    from the query; for a track it is the cosine in the space. start and length, in seconds, are those of the
    passage that fits best. --absolute ranks by predicted similarity instead; --json has it in both cases.

    In a library of pictures (va-space index --kind pictures) a track finds the pictures that stand there
    where it stands among recordings, and a picture those with the largest cosine.
    """
    from va_space.retrieval.filters import Filters
    from va_space.retrieval.library import Library, MusicLibrary, PictureLibrary
    from va_space.retrieval.relative import basis_of, compared_with
    from va_space.retrieval.results import Result
    from va_space.targets import Text

    _check_usage(
        {"--each": each, "--story": as_story},
        {"--json": as_json, "--csv": as_csv},
        {"--story": as_story, "--diverse": diverse},
        {"--absolute": absolute, "--profile": profile is not None},
    )
    if clip is not None and not 0 < clip < float("inf"):
        raise typer.BadParameter("must be more than 0 seconds", param_hint="--clip")
    if not queries and not texts:
        raise typer.BadParameter("name something to search for, or a --text", param_hint="QUERY")
    sources = [*_sources(queries or []), *map(Text, texts or [])]
    opened = Library.open(library)
    if isinstance(opened, MusicLibrary):
        _refuse({"--video": video}, f"{library} holds music, and a slide show is made of pictures")
    else:
        of_music = {"--genre": genre, "--min-duration": min_duration, "--m3u": m3u}
        _refuse({**of_music, "--clip": None if as_story else clip}, f"{library} holds pictures")
        _check_slide_show(sources, as_story, video)
    space = open_space(model, device, precision)
    opened.check_model(space.fingerprint)
    filters = Filters(exclude or (), genre or (), where, min_duration)
    options: dict[str, Any] = {
        "filters": filters,
        "explained": explained,
        "scale": "absolute" if absolute else "relative",
        "kind": kind,
        "profile": open_profile(profile, space),
    }
    failures: list[Failure] = []
    with about("--kind", ValueError) if kind else nullcontext():
        if as_story and isinstance(opened, PictureLibrary):
            found: list[Answered] = [_slides(space, opened, sources[0], clip, video, options)]
        else:
            asked, failures = _read(space, sources)
            if failures and not each:  # the mean, or the story, would be another one
                leave(failures, len(sources))
            options |= {"smoothness": smoothness} if as_story else {"diverse": diverse}
            found = _find(space, opened, asked, k, each, as_story, clip, options)
    if space.reference is None and not absolute:
        remark("This model has no reference distributions, so the scale is absolute; see va-space reference.")
    elif not absolute and (basis := basis_of(opened)):
        remark(basis)
    for query, _ in found:
        remark(described(space, query, kind))
    rows = [row_of(query, result, several=len(found) > 1) for query, results in found for result in results]
    if not rows and found:
        none = f"No {opened.entries[:-1]} of {library} meets the conditions."
        remark(none if len(opened) else f"{library} is empty.")
    others = compared_with(opened)
    if as_csv:
        show_csv([{**row, "also": "; ".join(row["also"])} for row in rows])
    else:
        show_table(rows if as_json else table_of(rows, others), as_json)
    _complain_of_gone(opened, library, [result for _, results in found for result in results])
    if m3u is not None:
        tracks = [result for _, results in found for result in results if isinstance(result, Result)]
        _write_playlist(m3u, tracks, passages=as_story or clip is not None)
    if page is not None and rows:
        scale: VAScale = "absolute" if absolute else "relative"
        _write_report(page, space, opened, found, as_story, scale, kind)
    leave(failures, len(sources))


def _complain_of_gone(opened: "Library", library: str, results: "Sequence[Found]") -> None:
    gone = sum(not result.is_there for result in results)
    if gone:
        several = f"{len(results)} {opened.entries} that were found are"
        what = f"{opened.entries[:-1]} that was found is" if len(results) == 1 else several
        complain(f"{gone} of {what} gone from where the files were indexed, below {printable(opened.root)}.")
        again = shlex.join(["va-space", "index", str(opened.root), "-o", library, "--prune"])
        remark(f"Mount or move them back there, or bring the library up to date: {printable(again)}")


def _check_usage(*exclusive: dict[str, bool]) -> None:
    for options in exclusive:
        if all(options.values()):
            raise typer.BadParameter(f"{' and '.join(options)} do not go together")


def _refuse(options: dict[str, Any], why: str) -> None:
    """Options that are not for this library."""
    for name, value in options.items():
        if value is not None and value != []:
            raise typer.BadParameter(f"not for this library: {why}", param_hint=name)


def _check_slide_show(sources: Sequence[str], as_story: bool, video: Path | None) -> None:
    from va_space.media.video.muxing import check_suffix
    from va_space.targets import Text, is_file

    if video is not None:
        if not as_story:
            raise typer.BadParameter("a slide show is made with --story", param_hint="--video")
        with about("--video"):
            check_suffix(video)
    if as_story and (len(sources) != 1 or isinstance(sources[0], Text) or not is_file(sources[0])):
        raise typer.BadParameter("a story of pictures follows one track: name its file", param_hint="QUERY")


def _sources(queries: Sequence[str]) -> list[str]:
    """Texts and files; folders give the pictures and music in them."""
    from va_space.media.kinds import find_media
    from va_space.targets import is_file, problem_of

    sources = []
    for text in queries:
        if problem := problem_of(text):
            raise typer.BadParameter(f"{printable(text)}: {problem}", param_hint="QUERY")
        is_folder = is_file(text) and Path(text).is_dir()
        inside = list(map(str, find_media([text]))) if is_folder else [text]
        if not inside:
            raise typer.BadParameter(f"{printable(text)}: no picture or music in it", param_hint="QUERY")
        sources += inside
    return sources


def _read(space: "VASpace", sources: Sequence[str]) -> "tuple[list[Target], list[Failure]]":
    from va_space.targets import Target, read_targets

    read = read_targets(space, sources)
    failures = [query for query in read if not isinstance(query, Target)]
    for failure in failures:
        report(failure)
    for query in read:
        if isinstance(query, Target):
            remark_notes(query.name, query.notes)
    return [query for query in read if isinstance(query, Target)], failures


def _find(
    space: "VASpace",
    library: "Library",
    queries: "list[Target]",
    k: int,
    each: bool,
    as_story: bool,
    clip: float | None,
    options: dict[str, Any],
) -> "list[Answered]":
    from va_space.retrieval.library import MusicLibrary
    from va_space.retrieval.search import search as find
    from va_space.retrieval.story import CLIP, story
    from va_space.targets import mean_target

    if as_story and isinstance(library, MusicLibrary):
        told = story(space, library, queries, clip=clip or CLIP, **options)
        return [(query, [result]) for query, result in zip(queries, told, strict=True)]
    if not each:
        try:
            queries = [mean_target(space, queries)]
        except ValueError as error:
            raise typer.BadParameter(f"{error}, with --each", param_hint="QUERY") from error
    return [(query, find(space, library, query, k, clip=clip, **options)) for query in queries]


def _slides(
    space: "VASpace",
    album: "PictureLibrary",
    track: str,
    longest: float | None,
    video: Path | None,
    options: dict[str, Any],
) -> "Answered":
    """Pictures in time with a track, and their slide show if that is wanted."""
    from va_space.production.slideshow import write_slide_show
    from va_space.retrieval.picture_story import LONGEST, picture_story

    told = picture_story(space, album, track, longest=longest or LONGEST, **options)
    if video is not None and told.slides:
        with progress_bar("Slide show") as progress:
            failures = write_slide_show(video, track, told.slides, progress=progress)
        for failure in failures:
            report(failure)
        remark(f"Slide show: {video}")
    return told.query, told.slides


def _write_playlist(path: Path, tracks: "list[Result]", passages: bool) -> None:
    from va_space.retrieval.playlist import write_playlist

    write_playlist(path, tracks, passages=passages)
    remark(f"Playlist: {path}")


def _write_report(
    path: Path,
    space: "VASpace",
    library: "Library",
    found: "list[Answered]",
    as_story: bool,
    scale: "VAScale",
    kind: "Kind | None",
) -> None:
    with needs_extra("A report", "report"):
        from va_space.report import make_answer, write_report
    from va_space.retrieval.relative import compare, standing_of

    comparisons = [compare(space, library, query, scale, kind) for query, _ in found]
    answers = [
        make_answer(query, results, comparison, stands=standing_of(space, query, kind))
        for (query, results), comparison in zip(found, comparisons, strict=True)
    ]
    cloud, distribution = library.points()[1], comparisons[0].distribution
    with progress_bar("Report") as progress:
        write_report(
            path,
            answers,
            cloud=cloud if distribution is None else distribution.percentile(cloud),
            model=space.fingerprint,
            story=as_story,
            rateable=True,
            progress=progress,
        )
    remark(f"Report: {path.absolute().as_uri()}")
