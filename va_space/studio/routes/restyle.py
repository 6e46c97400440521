"""Restyle: a picture, or a video, that feels like music, words or texts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, File, Form, UploadFile
from numpy.typing import NDArray

from va_space.generation.provenance import versions, write_facts
from va_space.media.editable import load_editable, save_editable
from va_space.studio.errors import Refused
from va_space.studio.forms import BoundedRoute
from va_space.studio.jobs import Job, Made
from va_space.studio.making import Groups, add_job_routes, begin, one_of
from va_space.studio.matching import read_text
from va_space.studio.media import Published
from va_space.studio.state import Studio
from va_space.studio.tabs import TABS, Tab
from va_space.studio.uploads import Upload
from va_space.targets import Target
from va_space.transfer.grade_files import write_grade
from va_space.transfer.lut import write_cube
from va_space.transfer.restyle import Restyled, restyle
from va_space.transfer.targets import read_restyle_targets

MOST_TARGETS = 4
_TARGETS_READ = 0.1  # share of the work


@dataclass(frozen=True)
class Look:
    """A picture that was restyled, for the page.

    Attributes:
        name: Of the target.
        after: The picture.
        moved: How it stood, stands and was to stand, in words.
        files: For download.
    """

    name: str
    after: Published
    moved: str
    files: Sequence[Published]


@dataclass(frozen=True)
class Looks:
    """What the job's template shows: the original and what became of it, or a video."""

    before: Published | None
    looks: Sequence[Look] = ()
    video: Published | None = None


@TABS.register("restyle")
class Restyle(Tab):
    """A picture for each of up to four targets, or a video that follows a track."""

    title = "Restyle"
    order = 30

    def router(self, studio: Studio) -> APIRouter:
        """The page and the call."""
        router = APIRouter(route_class=BoundedRoute, tags=["restyle"])

        async def start(
            picture: Annotated[list[UploadFile], File(description="A picture, or a video.")],
            music: Annotated[
                list[UploadFile] | None, File(description="Tracks that it is to feel like.")
            ] = None,
            text: Annotated[
                list[str] | None, Form(description="Words, points or texts that it is to feel like.")
            ] = None,
            strength: Annotated[float, Form(ge=0, le=1)] = 0.5,
            seed: Annotated[int, Form(ge=0, lt=2**32)] = 0,
            as_video: Annotated[
                bool, Form(description="A picture becomes a video that follows the track.")
            ] = False,
            preview: Annotated[bool, Form(description="A video small and rough, for a quick look.")] = False,
            personal: Annotated[bool, Form(description="As the ratings so far teach.")] = False,
        ) -> Job:
            words = [each.strip() for each in text or [] if each.strip()]

            def check(groups: Groups) -> str:
                source = one_of(groups[0], "a picture or a video", ("picture", "video"))
                tracks = groups[1]
                for track in tracks:
                    one_of([track], "music", ("music", "video"))
                if source.kind == "video" or as_video:
                    if len(tracks) != 1 or words:
                        raise Refused(422, "a video follows one track, and no words")
                    return f"{source.name}, following {tracks[0].name}"
                if not 1 <= len(tracks) + len(words) <= MOST_TARGETS:
                    raise Refused(
                        422, f"name 1 to {MOST_TARGETS} tracks, words or texts that it is to feel like"
                    )
                return f"{source.name}, restyled"

            def work(job: Job, groups: Groups) -> Made:
                source, tracks = groups[0][0], groups[1]
                if source.kind == "video" or as_video:
                    return _video(studio, job, source, tracks[0], strength, seed, preview, personal)
                return _pictures(studio, job, source, tracks, words, strength, seed, personal)

            return await begin(studio, "restyle", [picture, music], check, work)

        add_job_routes(router, studio, self, "restyle", start)
        return router


def _pictures(
    studio: Studio,
    job: Job,
    source: Upload,
    tracks: Sequence[Upload],
    words: Sequence[str],
    strength: float,
    seed: int,
    personal: bool,
) -> Made:
    space = studio.space
    job.progress(0.01, "Reading")
    targets = [*_targets(studio, tracks), *(read_text(space, each) for each in words)]
    picture = load_editable(source.path)
    before = job.folder / "before.jpg"
    save_editable(before, replace(picture, image=picture.seen(), alpha=None))
    stem = Path(source.name).stem or "picture"
    results = restyle(
        space,
        picture,
        targets,
        strength=strength,
        seed=seed,
        profile=studio.profile() if personal else None,
        progress=job.steps("Restyling", _TARGETS_READ, 1.0),
    )
    suffix = ".jpg" if picture.alpha is None else ".png"
    looks = []
    for number, result in enumerate(results, start=1):
        path = job.folder / f"{number}{suffix}"
        save_editable(path, result.picture)
        looks.append(_look(studio, result, path, f"{stem}-{number}", strength, seed))
    files = [file for look in looks for file in look.files]
    return Made(files, Looks(studio.media.publish(before), looks))


def _targets(studio: Studio, tracks: Sequence[Upload]) -> list[Target]:
    found = []
    for upload, target in zip(
        tracks, read_restyle_targets(studio.space, [each.path for each in tracks]), strict=True
    ):
        if not isinstance(target, Target):
            raise Refused(422, f"{upload.name}: {target.reason}")
        found.append(replace(target, name=upload.name))
    return found


def _look(studio: Studio, result: Restyled, path: Path, stem: str, strength: float, seed: int) -> Look:
    """A result with the files that go with it."""
    publish = studio.media.publish
    points = {"before": result.before, "after": result.after, "wanted": result.wanted}
    shares: dict[str, NDArray[np.floating[Any]]] = dict(points)
    if relative := studio.space.reference is not None:
        own = studio.space.distribution(result.kind)
        shares = {name: own.percentile(point) for name, point in points.items()}
    rounded = {name: [round(float(value), 4) for value in pair] for name, pair in shares.items()}
    facts = {
        "title": f"{stem} restyled by {result.target.name}",
        "target": result.target.name,
        "strength": strength,
        "seed": seed,
        "kind": result.kind,
        "scale": "percentiles" if relative else "predictions",
        **rounded,
        "model": studio.space.fingerprint,
        "versions": versions("torch", "pillow"),
    }
    grade, sidecar, cube = (path.with_suffix(ending) for ending in (".grade.json", ".json", ".cube"))
    write_grade(grade, result.latent)
    write_facts(sidecar, facts)
    files = [
        publish(path, stem + path.suffix),
        publish(grade, f"{stem}.grade.json"),
        publish(sidecar, f"{stem}.json"),
    ]
    if (lut := result.lut) is not None:
        write_cube(cube, lut, stem)
        files.append(publish(cube, f"{stem}.cube"))
    moved = "; ".join(
        f"{name} {100 * rounded['before'][axis]:.0f} → {100 * rounded['after'][axis]:.0f}, "
        f"wanted {100 * rounded['wanted'][axis]:.0f}"
        for axis, name in enumerate(("valence", "arousal"))
    )
    return Look(result.target.name, publish(path), moved, files)


def _video(
    studio: Studio,
    job: Job,
    source: Upload,
    track: Upload,
    strength: float,
    seed: int,
    preview: bool,
    personal: bool,
) -> Made:
    from va_space.transfer.video import restyle as video
    from va_space.transfer.video.results import FULL, PREVIEW

    path, preset = job.folder / "restyled.mp4", PREVIEW if preview else FULL
    profile = studio.profile() if personal else None
    common = {"strength": strength, "seed": seed, "preset": preset, "profile": profile}

    def report(share: float) -> None:
        job.progress(share, "Following the music")

    if source.kind == "video":
        side = video.PREVIEW_SIDE if preview else None
        made = video.restyle_video(
            studio.space,
            source.path,
            track.path,
            path,
            long_side=side,
            progress=report,
            **common,  # type: ignore[arg-type]
        )
    else:
        made = video.restyle_picture_over_time(
            studio.space,
            load_editable(source.path).seen(),
            track.path,
            path,
            rate=video.PREVIEW_RATE if preview else video.FRAME_RATE,
            long_side=video.PREVIEW_SIDE if preview else video.LONG_SIDE,
            progress=report,
            **common,  # type: ignore[arg-type]
        )
    stem = Path(source.name).stem or "video"
    sidecar = job.folder / "restyled.json"
    facts = {
        "title": f"{source.name} following {track.name}",
        "seconds": round(made.seconds, 3),
        "strength": strength,
        "seed": seed,
        "preview": preview,
        "model": studio.space.fingerprint,
        "versions": versions("torch", "av"),
    }
    write_facts(sidecar, facts)
    files = [studio.media.publish(path, f"{stem}.mp4"), studio.media.publish(sidecar, f"{stem}.json")]
    return Made(files, Looks(None, video=studio.media.publish(path)))
