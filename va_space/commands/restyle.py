"""``va-space restyle``."""

import warnings
from pathlib import Path
from typing import Annotated, Literal

import typer

from va_space.commands import VERBS
from va_space.commands._common import AsJson, Device, Model, Precision, ProfileOption, Texts, output_option
from va_space.commands._restyle_options import RestyleOptions


@VERBS.register("restyle")
def restyle(
    picture: Annotated[
        Path, typer.Argument(metavar="PICTURE", help="The picture, or a video.", show_default=False)
    ],
    output: Annotated[
        Path,
        output_option(
            "The picture to write; of several, each gets the name of its music put behind. Or a video, "
            ".mp4 .mov .mkv, that follows the music."
        ),
    ],
    music: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MUSIC]...",
            help='Music; or a feeling: "valence,arousal" such as 0.8,0.3, a word such as serene, or a text '
            'such as "after the rain". A word goes before a file of that name; ./calm is the file.',
            show_default=False,
        ),
    ] = None,
    texts: Texts = None,
    generator: Annotated[
        str,
        typer.Option(metavar="grade|NETWORK", help="grade, or a StyleGAN2 network, .pkl or .safetensors."),
    ] = "grade",
    strength: Annotated[
        float, typer.Option(min=0, max=1, help="0 changes nothing, 1 may change anything.")
    ] = 0.5,
    absolute: Annotated[
        bool,
        typer.Option(
            "--absolute",
            help="Pictures: points are ratings and music is its vector, instead of where things stand.",
        ),
    ] = False,
    kind: Annotated[
        Literal["photograph", "painting"] | None,
        typer.Option(help="What the picture is. Default: detected.", show_default=False),
    ] = None,
    at: Annotated[
        float | None,
        typer.Option(
            min=0, help="Take the music around this second instead of all of it.", show_default=False
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1, help="Steps at strength 1; fewer are a rough try. [default: 20]", show_default=False
        ),
    ] = None,
    latent_space: Annotated[
        Literal["w", "w+"],
        typer.Option(
            help="Network: w+ comes nearer to the picture, w stays nearer to what the network has learnt."
        ),
    ] = "w+",
    inversion_steps: Annotated[
        int, typer.Option(min=1, help="Network: steps that the picture is looked for in it.")
    ] = 300,
    seed: Annotated[int, typer.Option(help="Of the random views of the picture.")] = 0,
    cube: Annotated[bool, typer.Option("--cube", help="Also write the grade as a .cube file.")] = False,
    grade_json: Annotated[
        bool, typer.Option("--grade-json", help="Also write the grade as JSON, for --apply.")
    ] = False,
    apply: Annotated[
        Path | None,
        typer.Option(
            help="Apply this grade, .json or .cube, instead of finding one for music.", show_default=False
        ),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Video: small and rough, for a quick look.")
    ] = False,
    keep_sound: Annotated[
        bool, typer.Option("--keep-sound", help="Video: keep the video's own sound instead of the music.")
    ] = False,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Also draw all results on this picture, beside the original; of a video, frames and curves.",
            show_default=False,
        ),
    ] = None,
    long_side: Annotated[
        int | None,
        typer.Option(
            min=16,
            help="Video: longer side at most. [default: 1280 for a picture; a video keeps its size]",
            show_default=False,
        ),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=120,
            help="Video of a picture: frames per second. [default: 25]",
            show_default=False,
        ),
    ] = None,
    rate: Annotated[float | None, typer.Option(min=1, max=120, hidden=True)] = None,
    pulse: Annotated[
        float,
        typer.Option(min=0, max=1, help="Video: how plainly accents of the music are seen; 0 is not at all."),
    ] = 0.5,
    profile: ProfileOption = None,
    as_json: AsJson = False,
    model: Model = None,
    device: Device = None,
    precision: Precision = "auto",
) -> None:
    """Make a picture feel like music, a word or a text.

    The generator grade, the default, finds a photographic edit (exposure, contrast, colour), which leaves the
    picture itself untouched in structure, whatever its size. A StyleGAN2 network repaints the picture as far
    as it can. With several pieces of music there are several pictures, found together.

    A picture is moved from where it stands among photographs, or among paintings, towards where the music
    stands among music; 0.9,0.2 is more pleasant than 90% and calmer than 80%. The table says where it stood,
    where it stands now and what was wanted, as predicted by the model. Size, transparency, EXIF data and
    colour profile are kept.

    If the output is a video, the picture follows the music over time, with the music as its sound; a video is
    graded over time, and keeps its frame rate and size. The table then says how the music and the frames feel
    at a few moments.
    """
    from va_space.commands import _restyle_picture, _restyle_video
    from va_space.media.video.muxing import SUFFIXES
    from va_space.targets import Text

    if rate is not None:
        warnings.warn("--rate is now --fps", DeprecationWarning, stacklevel=1)
        fps = rate if fps is None else fps
    options = RestyleOptions(
        picture=picture,
        output=output,
        music=[*(music or []), *map(Text, texts or [])],
        generator=generator,
        strength=strength,
        absolute=absolute,
        kind=kind,
        at=at,
        steps=steps,
        latent_space=latent_space,
        inversion_steps=inversion_steps,
        seed=seed,
        cube=cube,
        grade_json=grade_json,
        apply=apply,
        preview=preview,
        keep_sound=keep_sound,
        sheet=sheet,
        long_side=long_side,
        fps=fps,
        pulse=pulse,
        profile=profile,
        as_json=as_json,
        model=model,
        device=device,
        precision=precision,
    )
    if output.suffix.lower() in SUFFIXES:
        _restyle_video.run(options)
    else:
        _restyle_picture.run(options)
