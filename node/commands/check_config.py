"""``check-config``: every mistake of a configuration at once, or what it means."""

import sys
from pathlib import Path
from typing import Any

import click

from config.check import check_configuration
from config.mistake import ConfigError
from config.schema import Settings
from node.commands.exits import EXIT_USAGE
from node.commands.options import json_option, print_json


@click.command("check-config")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check_config_command(file: Path, *, as_json: bool) -> None:
    """Check the configuration in FILE, environment variables included.

    Prints every mistake, each with its remedy, and ends with exit code 2; or says in a
    few lines what the configuration means. Touches neither network nor data folder.
    """
    try:
        settings = check_configuration(file)
    except ConfigError as error:
        _refuse(error, as_json=as_json)
    else:
        _accept(settings, as_json=as_json)


def _refuse(error: ConfigError, *, as_json: bool) -> None:
    if as_json:
        mistakes = [vars(mistake) for mistake in error.mistakes]
        print_json({"valid": False, "mistakes": mistakes})
    else:
        count = len(error.mistakes)
        click.echo(f"{count} mistake{'s' if count > 1 else ''}:", err=True)
        for mistake in error.mistakes:
            click.echo(f"  {mistake}", err=True)
    sys.exit(EXIT_USAGE)


def _accept(settings: Settings, *, as_json: bool) -> None:
    if as_json:
        document: dict[str, Any] = settings.model_dump(
            mode="json", exclude={"ledger": {"url"}}
        )
        print_json({"valid": True, "mistakes": [], "settings": document})
        return
    for line in _meaning(settings):
        click.echo(line)


def _meaning(settings: Settings) -> list[str]:
    """Return what a configuration amounts to, a line a matter."""
    node = settings.node
    callers = ", ".join(node.allowed_calling_ae_titles) or "anyone"
    return [
        f"listens as {node.ae_title} on {node.host}:{node.port}, for {callers}",
        f"keeps everything in {node.data_folder}",
        *_archives(settings),
        _animals(settings),
        _regions(settings),
        *_gantries(settings),
        _claims(settings),
        "no mistakes",
    ]


def _animals(settings: Settings) -> str:
    limits = settings.species[settings.suv.species]
    holds = settings.suv.units_in_doubt == "hold"
    return (
        f"expects a {settings.suv.species} of {_range(limits.weight_g)} g with "
        f"{_range(limits.activity_mbq)} MBq, and "
        f"{'holds' if holds else 'converts'} values in doubtful units"
    )


def _regions(settings: Settings) -> str:
    excluded = " ".join(settings.rois.exclude)
    included = f"scores regions named {' '.join(settings.rois.include)}"
    return f"{included} but not {excluded}" if excluded else included


def _claims(settings: Settings) -> str:
    states = settings.score.class_when_uncalibrated
    return (
        f"reports the score of {settings.score.model}; an uncalibrated model "
        f"{'states' if states else 'does not state'} a class"
    )


def _archives(settings: Settings) -> list[str]:
    if not settings.destinations:
        return ["sends results nowhere: add [[destinations]] for your PACS"]
    return [
        f"sends {' and '.join(to.objects)} to {to.name}: {to.ae_title} at "
        f"{to.host}:{to.port}"
        for to in settings.destinations
    ]


def _gantries(settings: Settings) -> list[str]:
    return [
        f"takes PET and CT of {gantry.model_name!r} as co-registered"
        for gantry in settings.matching.co_registered
    ]


def _range(limits: tuple[float, float]) -> str:
    return f"{limits[0]:g} to {limits[1]:g}"
