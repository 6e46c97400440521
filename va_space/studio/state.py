"""What the routes of one studio share; there is nothing global."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment

from va_space.errors import FeedbackError
from va_space.explanation.page import TEMPLATES
from va_space.feedback import Feedback
from va_space.feedback.profile import Profile
from va_space.report.ratings import CHOICES
from va_space.report.sounds import Sound
from va_space.report.wall import Hung
from va_space.report.write import report_environment
from va_space.retrieval.library import Library
from va_space.retrieval.names import on_disk
from va_space.retrieval.results import Found, PictureResult, Result
from va_space.space import VASpace
from va_space.studio.clouds import Clouds
from va_space.studio.jobs import Jobs
from va_space.studio.libraries import Libraries, Make
from va_space.studio.media import Media
from va_space.studio.questions import Questions
from va_space.studio.settings import Settings
from va_space.studio.uploads import Workspace
from va_space.studio.workers import Workers
from va_space.text import valid_unicode

PAGES = Path(__file__).parent / "templates"


class Studio:
    """A model, libraries, and what is being done with them.

    Args:
        space: The model, loaded once.
        libraries: By the names that clients call them.
        settings: How much is taken on at once.
        feedback: Where ratings are kept; None for a studio that takes none.
        profile: Whose ratings they are.
        coming: How further libraries are made in the background, by name.

    Attributes:
        space: See above; likewise settings, feedback and profile_name.
        libraries: Those that can be searched, and those that are coming.
        workspace: Folders of uploads and results.
        media: Files that go out.
        workers: Threads for what takes a moment.
        jobs: The line of what takes long.
        questions: What was asked in Match.
        clouds: Where everything in the libraries lies.
    """

    def __init__(
        self,
        space: VASpace,
        libraries: Mapping[str, Library],
        settings: Settings,
        feedback: Feedback | None = None,
        profile: str = "me",
        coming: Mapping[str, Make] | None = None,
    ) -> None:
        for library in libraries.values():
            library.check_model(space.fingerprint)
        self.space, self.settings = space, settings
        self.feedback = feedback if space.reference is not None else None
        self.profile_name = profile
        self.workspace = Workspace(settings)
        self.media = Media([self.workspace.root, *(library.root for library in libraries.values())])
        self.libraries = Libraries(libraries, coming or {}, self._take)
        self.workers = Workers(settings.workers, settings.waiting)
        self.jobs = Jobs(settings, self.workspace)
        self.questions = Questions(settings.questions, settings.keep_seconds)
        self.clouds = Clouds(space)

    def start(self) -> None:
        """Begin what runs in the background."""
        self.libraries.start()

    def close(self) -> None:
        """End all jobs, and remove what was sent and made."""
        self.libraries.close()
        self.jobs.close()
        self.workspace.close()

    def _take(self, library: Library) -> None:
        """Let a library that was made in the background be searched, and its files go out."""
        library.check_model(self.space.fingerprint)
        self.media.add_root(library.root)

    def path_of(self, library: Library, row: Mapping[str, Any]) -> Path:
        """The file of a row of a library."""
        return on_disk(library.root, row["path"])

    def profile(self) -> Profile | None:
        """What the ratings so far teach; None if there are none."""
        if self.feedback is None:
            return None
        try:
            return self.feedback.profile(self.profile_name, self.space.fingerprint)
        except FeedbackError:  # nothing was rated yet, or with other models only
            return None

    @cached_property
    def environment(self) -> Environment:
        """The templates."""
        environment = report_environment(PAGES, TEMPLATES)
        environment.filters["sound"] = self._sound
        environment.filters["hung"] = self._hung
        environment.globals.update(studio=self, choices=CHOICES)
        return environment

    def _sound(self, result: Found) -> Sound | None:
        if not isinstance(result, Result):
            return None
        return self.media.sound(result.path, result.start, result.length)

    def _hung(self, result: PictureResult) -> Hung | None:
        url = self.media.picture(result.path)
        return None if url is None else Hung(url, result.width / max(result.height, 1))

    def render(self, template: str, **values: object) -> str:
        """A page, or a part of one; titles of strangers' files become valid Unicode."""
        return valid_unicode(self.environment.get_template(template).render(**values))
