"""The errors that va-space raises on purpose; everything else is a bug."""

from pathlib import Path


class VASpaceError(Exception):
    """Root of all errors raised by this library, each with a message for people."""


class MediaError(VASpaceError):
    """A picture or a recording that cannot be used.

    Attributes:
        source: The file, or a description of the object that was given.
        reason: What is wrong with it and, where possible, what to do.
    """

    def __init__(self, source: str | Path, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = str(source)
        self.reason = reason

    def __reduce__(self) -> tuple[type["MediaError"], tuple[str, str]]:
        # Errors cross process borders (decoding workers); the default would lose an argument.
        return type(self), (self.source, self.reason)


class DatasetError(VASpaceError):
    """A data set whose folder, annotation files or labels are not as published."""


class CheckpointError(VASpaceError):
    """A model or training checkpoint that is missing, damaged, or of another kind."""


class ConfigError(VASpaceError):
    """What was asked for cannot be: a wrong name, value, key or ending, in a call, a command or a recipe."""


class LibraryError(VASpaceError):
    """A music library (index) that is missing, damaged, or made with another model."""


class NoLibraryError(LibraryError):
    """There is no library at a place, or one that holds something else."""


class ResourceError(VASpaceError):
    """Too little memory for what was asked for."""


class MissingExtraError(VASpaceError):
    """An optional dependency that is not installed."""

    def __init__(self, what: str, extra: str, detail: str = "") -> None:
        hint = f"{what} needs the extra '{extra}': pip install 'va-space[{extra}]'"
        super().__init__(f"{hint}. {detail}" if detail else hint)


class FeedbackError(VASpaceError):
    """Ratings, or a profile, that are missing, damaged, or of another model."""
