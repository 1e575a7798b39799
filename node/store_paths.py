"""Paths below the store: plain components only, so that none leads out of it."""

from pathlib import Path, PurePath

_RESULTS = Path("results")

RESULT_FILE = "result.json"
"""Beside the objects of a job: the numbers, for people and commands."""


class UnsafePathError(ValueError):
    """A path would leave the store, or hide in it."""

    def __init__(self, relative: PurePath) -> None:
        super().__init__(f"{str(relative)!r} is no plain path below the store")
        self.relative = relative


def refuse_unsafe(relative: PurePath) -> None:
    """Refuse a path that is absolute, climbs, or hides: a component begins with a dot.

    Raises
    ------
    UnsafePathError
    """
    plain = relative.parts and not relative.is_absolute()
    if not plain or any(part.startswith(".") for part in relative.parts):
        raise UnsafePathError(relative)


def result_path(job_key: str, name: str) -> Path:
    """Return where a file of a result lies.

    Raises
    ------
    UnsafePathError
        The key or the name is not one plain component.
    """
    relative = _RESULTS / job_key / name
    if len(PurePath(job_key).parts) != 1 or len(PurePath(name).parts) != 1:
        raise UnsafePathError(relative)
    refuse_unsafe(relative)
    return relative
