"""Score models: the shipped ones, a site's own, and writing another.

The layout of a file, its rules and its checksum are `config.score_model_file`.

Design choice: a published model is never edited. Another choice is another name or
version, so that a result that names its model and checksum can be made again. Writing
over an existing file is refused for the same reason.
"""

import re
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from config.checked_document import DocumentError, text_of
from config.score_model_file import (
    ScoreModelError,
    format_score_model,
    parse_score_model,
)
from model.score.score_model import ScoreModel

__all__ = [
    "NoSuchScoreModelError",
    "ScoreModelError",
    "find_score_model",
    "load_score_model",
    "shipped_score_models",
    "write_score_model",
]

_WANTED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9_-]*?)(?:-([0-9]+\.[0-9]+\.[0-9]+))?$")


class NoSuchScoreModelError(ScoreModelError):
    """No score model has the name that was looked for."""


def load_score_model(path: Path) -> ScoreModel:
    """Return the score model of a file.

    Raises
    ------
    ScoreModelError
        When the file cannot be read, is malformed, was altered, has unknown or missing
        keys, or is of a newer layout. All mistakes are reported at once.
    """
    return _load(path, str(path))


def shipped_score_models() -> dict[str, ScoreModel]:
    """Return the score models that come with this software, the newest by name."""
    oldest_first = sorted(_shipped(), key=lambda model: _order(model.version))
    newest = {model.name: model for model in oldest_first}
    return dict(sorted(newest.items()))


def find_score_model(name: str, folders: Sequence[Path] = ()) -> ScoreModel:
    """Return the score model of a name.

    Parameters
    ----------
    name : str
        ``zhang2023-fine`` for its newest version, ``zhang2023-fine-1.0.0`` for that.
    folders : sequence of Path
        The site's own, searched beside the shipped models.

    Raises
    ------
    NoSuchScoreModelError
        When no model has the name.
    ScoreModelError
        When a folder cannot be searched, when a file that has the name is faulty, or
        when one name and version stand for different models.
    """
    wanted = _WANTED.match(name)
    if wanted is None:
        detail = "not a name of letters, digits, '-' and '_', and a version"
        remedy = "Write it as `check-config` prints it."
        raise NoSuchScoreModelError(name, [detail], remedy)
    found = [model for model in _shipped() if _is(model, wanted)]
    found += [m for folder in folders for m in _models_in(folder, wanted)]
    if not found:
        known = ", ".join(sorted(shipped_score_models()))
        places = ", ".join(str(folder) for folder in folders) or "no other folder"
        detail = f"no such score model; shipped are {known}; searched {places}"
        raise NoSuchScoreModelError(name, [detail], "Correct the name or add the file.")
    newest = max(found, key=lambda model: _order(model.version))
    rivals = {model.sha256 for model in found if model.version == newest.version}
    if len(rivals) > 1:
        detail = f"version {newest.version} stands for {len(rivals)} different models"
        raise ScoreModelError(name, [detail], "Give each its own name or version.")
    return newest


def write_score_model(model: ScoreModel, path: Path) -> ScoreModel:
    """Write a score model to a new file and return it with the file's checksum.

    Parameters
    ----------
    model : ScoreModel
        Its `sha256` is not used; the checksum is computed.
    path : Path
        Must not exist yet.

    Raises
    ------
    ScoreModelError
        When the model breaks a rule of these files, or the file exists or cannot be
        written.
    """
    text = format_score_model(model, str(path))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        detail = f"cannot be written: {error.strerror}"
        raise ScoreModelError(str(path), [detail], "Choose a new file.") from error
    return parse_score_model(text, str(path))


def _shipped() -> list[ScoreModel]:
    folder = resources.files("config") / "score_models"
    files = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    return [_load(file, file.name) for file in files]


def _models_in(folder: Path, wanted: re.Match[str]) -> list[ScoreModel]:
    try:
        files = sorted(folder.glob("*.toml"))
    except OSError as error:
        detail = f"cannot be listed: {error.strerror}"
        raise ScoreModelError(str(folder), [detail], "Check the folder.") from error
    # A faulty file of another name must not stand in the way of this one.
    stems = ((file, _WANTED.match(file.stem)) for file in files)
    named = [file for file, stem in stems if stem and stem[1] == wanted[1]]
    models = (load_score_model(file) for file in named)
    return [model for model in models if _is(model, wanted)]


def _is(model: ScoreModel, wanted: re.Match[str]) -> bool:
    name, version = wanted.groups()
    return model.name == name and version in {None, model.version}


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _load(file: Path | Traversable, source: str) -> ScoreModel:
    try:
        text = text_of(file)
    except DocumentError as error:
        raise ScoreModelError(source, [error.fact], error.remedy) from error
    return parse_score_model(text, source)
