"""``check-config``: every mistake of a configuration at once, or what it means.

Design choice: what is wrong in the injection log is told as well, but is no mistake of
the configuration; the log changes every day, and may come after the node.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from config.check import check_configuration, configured_model
from config.mistake import ConfigError
from config.schema import Destination, Settings
from node.commands.exits import EXIT_USAGE
from node.commands.model_claims import claims_of, identified
from node.commands.options import json_option, print_json
from node.injection_log.log import UnreadableLogError, read_injection_log
from node.records.kinds import MADE, REPEATING, ResultKind

_SOURCES = {
    "log": "the injection log",
    "context": "an Acquisition Context SR",
    "header": "the PET's header",
}

_CONFIRMED = {
    "no": "",
    "commitment": ", and asks for storage commitment",
    "query": ", and asks whether it keeps them",
}


@dataclass(frozen=True)
class _LogCheck:
    """What there is to say of the injection log.

    Attributes
    ----------
    rows : int or None
        None where it cannot be read.
    mistakes : tuple of str
    """

    rows: int | None
    mistakes: tuple[str, ...]


@click.command("check-config")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check_config_command(file: Path, *, as_json: bool) -> None:
    """Check the configuration in FILE, environment variables included.

    Prints every mistake, each with its remedy, and ends with exit code 2; or says in a
    few lines what the configuration means. Reads the injection log, if there is one,
    and tells what is wrong in it. Touches neither network nor data folder.
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
    log = _check_log(settings)
    if as_json:
        document: dict[str, Any] = settings.model_dump(
            mode="json", by_alias=True, exclude={"ledger": {"url"}}
        )
        found = None if log is None else vars(log)
        print_json(
            {
                "valid": True,
                "mistakes": [],
                "settings": document,
                "score_model": identified(configured_model(settings)),
                "injection_log": found,
            }
        )
        return
    for line in _meaning(settings, log):
        click.echo(line)


def _check_log(settings: Settings) -> _LogCheck | None:
    """Return what there is to say of the injection log; None where there is none."""
    path = settings.injection_log.path
    if path is None:
        return None
    try:
        log = read_injection_log(path, ZoneInfo(settings.node.timezone))
    except UnreadableLogError as trouble:
        return _LogCheck(None, (str(trouble),))
    mistakes = (*log.mistakes, *(each for row in log.rows for each in row.mistakes))
    return _LogCheck(len(log.rows), (*log.statements, *map(str, mistakes)))


def _meaning(settings: Settings, log: _LogCheck | None) -> list[str]:
    """Return what a configuration amounts to, a line a matter."""
    return [
        *_callers(settings),
        f"keeps everything in {settings.node.data_folder}",
        *_retention(settings),
        *_archives(settings),
        *_not_sent(settings),
        *_looked_at(settings),
        _animals(settings),
        _believed(settings.sources.precedence, asked=log is not None),
        *_log(settings, log),
        _regions(settings),
        *_gantries(settings),
        claims_of(
            configured_model(settings),
            uncalibrated=settings.score.class_when_uncalibrated,
        ),
        "no mistakes",
    ]


def _retention(settings: Settings) -> list[str]:
    """Return what is deleted when, or why nothing is; nothing where nobody asked."""
    days = settings.retention.delete_after_days
    if not days:
        return []
    asked = [each for each in settings.destinations if each.confirm != "no"]
    if not asked:
        why = "no destination is asked if it keeps what it took (destinations.confirm)"
        return [f"deletes nothing, though retention.delete_after_days is {days}: {why}"]
    names = " and ".join(each.name for each in asked)
    once = f"once {names} said that results and received objects are kept there"
    told = [f"deletes files {days} days after their study's last change, {once}"]
    taken = {name for each in asked for name in settings.sent_to(each)}
    made = (each for each in settings.results.objects if each not in REPEATING)
    lacking = [each for each in made if each not in taken]
    if lacking:
        told.append(
            f"  but no study with a {lacking[0]}, which {names} does not get "
            "(destinations.objects)"
        )
    return told


def _believed(precedence: Sequence[str], *, asked: bool) -> str:
    names = [_SOURCES[name] for name in precedence if asked or name != "log"]
    told = ", then ".join(names) or "nothing else"
    return f"believes of weight, dose and injection what is released, then {told}"


def _log(settings: Settings, log: _LogCheck | None) -> list[str]:
    if log is None:
        return []
    path = settings.injection_log.path
    if "log" not in settings.sources.precedence:
        return [f"does not ask {path}: sources.precedence leaves the log out"]
    if log.rows is None:
        then = "studies are held until it can be"
        return [*(f"{trouble} ({path}); {then}" for trouble in log.mistakes)]
    return [f"reads {path}: {log.rows} rows", *(f"  {told}" for told in log.mistakes)]


def _animals(settings: Settings) -> str:
    limits = settings.species[settings.suv.species]
    holds = settings.suv.units_in_doubt == "hold"
    return (
        f"expects a {settings.suv.species} of {_range(limits.weight_g)} g with "
        f"{_range(limits.activity_mbq)} MBq, and "
        f"{'holds' if holds else 'converts'} values in doubtful units"
    )


def _regions(settings: Settings) -> str:
    rois = settings.rois
    told = f"scores regions named {' '.join(rois.include)}"
    if rois.exclude:
        told += f" but not {' '.join(rois.exclude)}"
    if rois.subtract:
        told += f", without the voxels of {' '.join(rois.subtract)}"
    return told


def _callers(settings: Settings) -> list[str]:
    """Return where the node listens, and for whom."""
    node, tls = settings.node, settings.tls
    listens = f"listens as {node.ae_title} on {node.host}:{node.port}"
    if tls.listen:
        shown = (
            " for callers with a certificate" if tls.require_peer_certificate else ""
        )
        listens += f" over TLS{shown}"
    titles = node.allowed_calling_ae_titles
    if not settings.peers:
        return [f"{listens}, for {', '.join(titles) or 'anyone'}"]
    peers = [
        f"lets {peer.ae_title} in from {' or '.join(peer.addresses) or 'anywhere'}, "
        f"with {', '.join(peer.objects)}"
        for peer in settings.peers
    ]
    return [listens, *peers, *(f"lets {title} in from anywhere" for title in titles)]


def _archives(settings: Settings) -> list[str]:
    if not settings.destinations:
        return ["sends results nowhere: add [[destinations]] for your PACS"]
    return [
        f"sends {_listed(settings.sent_to(to))} to {to.name}: "
        f"{_place(to)}{_CONFIRMED[to.confirm]}"
        for to in settings.destinations
    ]


def _not_sent(settings: Settings) -> list[str]:
    """Return what of a result is not made, and what stays here that is made."""
    made = set(map(ResultKind, settings.results.objects))
    told = []
    if left_out := [kind for kind in MADE if kind not in made]:
        told.append(f"does not make {_listed(left_out)} (results.objects)")
    gone = {name for each in settings.destinations for name in settings.sent_to(each)}
    kept = [kind for kind in MADE if kind in made.difference(map(ResultKind, gone))]
    if kept and settings.destinations:
        told.append(f"makes {_listed(kept)}, and sends them nowhere")
    return told


def _listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them; what is empty is nothing."""
    *before, last = names or ("nothing",)
    return f"{', '.join(before)} and {last}" if before else last


def _place(to: Destination) -> str:
    if to.protocol == "dicomweb":
        return to.url
    return f"{to.ae_title} at {to.host}:{to.port}{' over TLS' if to.tls else ''}"


def _looked_at(settings: Settings) -> list[str]:
    """Return that results wait for a person; nothing where they do not."""
    if not settings.results.review:
        return []
    until = "a person has looked at them and typed `exhaustion-node release UID`"
    return [f"has results wait (awaiting_review) until {until}"]


def _gantries(settings: Settings) -> list[str]:
    return [
        f"registers the CT of {gantry.model_name!r} to its PET, and holds what moves "
        f"by more than {gantry.maximum_motion_mm:g} mm"
        if gantry.registration == "rigid"
        else f"takes PET and CT of {gantry.model_name!r} as co-registered"
        for gantry in settings.matching.co_registered
    ]


def _range(limits: tuple[float, float]) -> str:
    return f"{limits[0]:g} to {limits[1]:g}"
