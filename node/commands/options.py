"""Options that several commands share."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar

import click
from rich.console import Console

from config.load import load_settings
from config.refusal import RefusalError
from config.schema import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def config_option(command: Command) -> Command:
    """Add ``--config FILE``."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        envvar="EXHAUSTION_NODE_CONFIG",
        help="Configuration; all defaults without it.",
    )(command)


def species_option(command: Command) -> Command:
    """Add ``--species NAME``."""
    return click.option(
        "--species",
        metavar="NAME",
        help="Whose limits of weight and activity hold: mouse, rat, human, or a "
        "species of the configuration.",
    )(command)


def units_option(command: Command) -> Command:
    """Add ``--units-in-doubt hold|convert``."""
    return click.option(
        "--units-in-doubt",
        type=click.Choice(["hold", "convert"]),
        help="What to do with a weight or dose that is plausible in another unit only.",
    )(command)


def json_option(command: Command) -> Command:
    """Add ``--json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document on stdout."
    )(command)


def settings_of(
    config_file: Path | None,
    *,
    species: str | None = None,
    units_in_doubt: str | None = None,
    model: str | None = None,
) -> Settings:
    """Return the settings of a file with the command line's on top.

    Raises
    ------
    config.load.ConfigError
        With every mistake of the file.
    RefusalError
        When the command line names an unknown species.
    """
    settings = load_settings(config_file)
    suv = settings.suv.model_copy(
        update=_given(species=species, units_in_doubt=units_in_doubt)
    )
    score = settings.score.model_copy(update=_given(model=model))
    if suv.species not in settings.species:
        known = ", ".join(sorted(settings.species))
        fact = f"unknown species {suv.species!r}; known: {known}"
        raise RefusalError(fact)
    return settings.model_copy(update={"suv": suv, "score": score})


def writable_folder(folder: Path) -> Path:
    """Return a folder for results, made when needed.

    Raises
    ------
    OutputError
        Before anything was computed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(folder, error) from None
    return folder


def parse_instant(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> datetime | None:
    """Return the instant of ``--at``, in the zone that it names; UTC without one."""
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        fact = f"{value!r} is no ISO 8601 instant such as 2026-03-02T10:00:00+01:00"
        raise click.BadParameter(fact) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def print_json(document: Any) -> None:
    """Print the one JSON document of ``--json``."""
    click.echo(json.dumps(document, indent=2, allow_nan=False))


def console() -> Console:
    """Return the terminal that people read results on."""
    return Console(highlight=False, soft_wrap=False)


def notes() -> Console:
    """Return the terminal for progress and remarks: standard error."""
    return Console(stderr=True, highlight=False)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


class OutputError(RefusalError):
    """A folder or file cannot be written."""

    def __init__(self, path: Path, why: OSError) -> None:
        super().__init__(f"{path} cannot be written: {why.strerror}")
        self.path = path
