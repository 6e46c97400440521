"""``va-space compose``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from va_space.commands import VERBS
from va_space.commands._common import (
    AsJson,
    Device,
    Model,
    Page,
    Precision,
    ProfileOption,
    Texts,
    about,
    leave,
    open_profile,
    open_space,
    output_option,
    progress_bar,
    remark,
    remark_notes,
    report,
    show_table,
)
from va_space.commands._compose_options import (
    TEXT,
    CaptionModel,
    Classifier,
    Download,
    Engine,
    LanguageModel,
    MusicModel,
    Negative,
    Stage,
    check_output,
    save_pieces,
    write_text,
)

if TYPE_CHECKING:
    from va_space.generation import engines
    from va_space.generation.engines import Order, Piece
    from va_space.generation.music.compose import Take
    from va_space.generation.music.target import Course, Feeling
    from va_space.space import Failure, VASpace


@VERBS.register("compose")
def compose(
    output: Annotated[
        Path,
        output_option(
            "Sound (.wav .flac .mp3 .ogg), with MIDI and JSON of that name beside it; or .mid or .txt alone."
        ),
    ],
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET]...",
            help='A picture, a video, music, "valence,arousal" such as 0.8,0.3, a word such as serene, or a '
            'text such as "after the rain". Several are a feeling over time.',
            show_default=False,
        ),
    ] = None,
    texts: Texts = None,
    path: Annotated[
        Path | None,
        typer.Option(
            help="Instead of targets, a feeling over time: a CSV table of second, valence, arousal.",
            show_default=False,
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            help="How long, 1 to 1,200. [default: 30; as long as a video or --path]", show_default=False
        ),
    ] = None,
    takes: Annotated[
        int, typer.Option(min=1, max=12, help="The best so many, each in a file of its own.")
    ] = 1,
    seed: Annotated[int, typer.Option(help="Another seed, other music; the same seed, the same.")] = 0,
    tempo: Annotated[
        int | None, typer.Option(help="Quarter notes a minute, 40 to 220.", show_default=False)
    ] = None,
    key: Annotated[
        str | None, typer.Option(help='Such as "F# minor" or "D dorian".', show_default=False)
    ] = None,
    instruments: Annotated[
        str | None,
        typer.Option(
            help="Such as flute,harp: piano, electric piano, strings, violin, cello, guitar, harp, bass, "
            "flute, clarinet, vibraphone, percussion. The first has the melody.",
            show_default=False,
        ),
    ] = None,
    candidates: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=5000,
            help="Scores to choose from; 1 is the rules alone. Of a text-to-music model: takes. "
            "[default: 200; 4 takes at the stage optimised]",
            show_default=False,
        ),
    ] = None,
    soundfont: Annotated[
        Path | None,
        typer.Option(
            help="Play it with this SoundFont (.sf2); needs the extra soundfont.", show_default=False
        ),
    ] = None,
    engine: Engine = "rules",
    stage: Stage = None,
    negative: Negative = "",
    music_model: MusicModel = None,
    caption_model: CaptionModel = None,
    language_model: LanguageModel = None,
    emotion_classifier: Classifier = None,
    download: Download = False,
    page: Page = None,
    profile: ProfileOption = None,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Compose music that feels like a picture, a video, a track, a word or a point.

    Many scores are composed by rule; a judge of scores keeps eight, the model hears ten seconds of each, and
    the take on which both agree is played. Nothing is downloaded. The same arguments give the same music.

    With --engine musicgen or stable-audio (extra neural) a text is made from the picture and played by a
    model that is on this machine; -o FILE.txt writes the text alone. See docs/neural.md.

    The table says what was asked for, as percentiles (0.9: more than 90 % of its kind), and how the takes
    feel by their score, which the judge of scores reads, and by their sound, which the model hears.
    """
    from va_space.generation.engines import ENGINES, Order
    from va_space.generation.neural.stage_models import StageModels
    from va_space.targets import Text

    asked: list[str] = [*(targets or []), *map(Text, texts or [])]
    if bool(asked) == (path is not None):
        raise typer.BadParameter("name something to compose for, or a --path", param_hint="TARGET")
    with about("--output"):
        check_output(output, engine, page)
    if download:
        remark("Models that are not on this machine are fetched, each under its own licence.")
    with about("--engine"):
        run = ENGINES[engine]
    needs_model = engine != "rules" or candidates != 1 or path is None or profile is not None
    space = open_space(model, device, precision) if needs_model else None
    known = None if space is None else open_profile(profile, space)
    failures: list[Failure] = []
    wanted, seconds = _wanted(space, asked, path, seconds, failures)
    if wanted is not None:
        order = Order(
            wanted,
            seconds,
            takes=max(takes, 3 if page and candidates != 1 else 1),
            seed=seed,
            candidates=candidates,
            tempo=tempo,
            key=key,
            instruments=tuple(instruments.split(",")) if instruments else (),
            soundfont=soundfont,
            stage=stage,
            negative=negative,
            music_model=music_model,
            models=StageModels(caption_model, language_model, emotion_classifier, device, download),
            profile=known,
        )
        if output.suffix.lower() == TEXT:
            show_table([write_text(output, order)], as_json)
        else:
            made = _run(run, space, order)
            show_table(save_pieces(made, output, takes), as_json)
            if page is not None:
                from va_space.report.composition import write_composition

                write_composition(page, cast("list[Take]", made[:3]))
    leave(failures, len(asked))


def _wanted(
    space: "VASpace | None",
    targets: list[str],
    path: Path | None,
    seconds: float | None,
    failures: "list[Failure]",
) -> "tuple[list[Feeling] | Course | None, float]":
    """What to compose for, None if nothing of it can be read; and how long."""
    from va_space.generation.music.target import read_course, read_feelings
    from va_space.generation.music.video import SUFFIXES, video_course
    from va_space.space import Failure
    from va_space.targets import Text

    if path is not None:
        course = read_course(path)
        return course, seconds or max(course.times[-1], 5.0)
    first = Path(targets[0])
    named = len(targets) == 1 and not isinstance(targets[0], Text) and first.suffix.lower() in SUFFIXES
    if named and first.is_file():
        assert space is not None
        course = video_course(space, first)
        length = course.times[-1] + 2.0
        return course.scaled(seconds or length), seconds or length
    found = []
    for each in read_feelings(space, targets):
        if isinstance(each, Failure):
            failures.append(each)
            report(each)
        else:
            remark_notes(each.name, each.notes)
            found.append(each)
    return found or None, 30.0 if seconds is None else seconds


def _run(run: "engines.Engine", space: "VASpace | None", order: "Order") -> "Sequence[Piece]":
    from dataclasses import replace

    with progress_bar("Composing") as bar:
        return run(space, replace(order, progress=lambda what, done, total: bar(done, total, what)))
