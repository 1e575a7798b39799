"""``release UID``: give a weight, an activity or a time by hand, or send a result."""

import math
import sys
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from config.refusal import RefusalError
from node import clock
from node.commands.exits import EXIT_HELD, EXIT_USAGE
from node.commands.options import (
    config_option,
    json_option,
    print_json,
    settings_of,
)
from node.commands.person import name_option, user_name
from node.commands.release_result import any_left, print_releases
from node.data_folder import open_ledger
from node.keeping.deleted import refuse_deleted
from node.ledger import Ledger
from node.options.works import intake_options
from node.records.jobs import Job
from node.records.states import StudyState
from node.records.study_views import StudySummary
from node.releases import Release, told_values
from node.releasing import Released, release_values
from node.result_release import concerned_results, release_results
from node.source_views import release_data

_BQ_PER_MBQ = 1e6


def _positive(
    _context: click.Context, _parameter: click.Parameter, value: float | None
) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0):
        fact = f"{value!r} is no number above 0"
        raise click.BadParameter(fact)
    return value


@click.command("release")
@click.argument("uid")
@click.option(
    "--weight-g", type=float, callback=_positive, help="Body weight, in grams."
)
@click.option(
    "--activity-mbq",
    type=float,
    callback=_positive,
    help="Activity that was injected, in MBq, at the time of the injection.",
)
@click.option(
    "--injected-at",
    metavar="INSTANT",
    help="When it was injected, ISO 8601, for example 2026-03-02T10:05. Without an "
    "offset it is a time of the zone node.timezone of the configuration.",
)
@click.option(
    "--animal",
    metavar="NAME",
    callback=name_option,
    help="For which animal, where several lay in the bed.",
)
@click.option(
    "--by",
    metavar="NAME",
    callback=name_option,
    help="Who releases, for the audit; your user name on this machine without it.",
)
@config_option
@json_option
def release_command(
    *,
    uid: str,
    weight_g: float | None,
    activity_mbq: float | None,
    injected_at: str | None,
    animal: str | None,
    by: str | None,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """Send a result that waits, or give values for a study that are missing or wrong.

    Without a value, results of the study UID, or of the object UID, are sent that wait
    for a person: since the configuration has them looked at first, or since an object
    of theirs is at fault. Who released them stays with them. Exit code 3 says that one
    of them waits still.

    Values come before the injection log and the PET's header, and are used for the
    study UID alone. A later release replaces an earlier one value by value; the audit
    keeps both. What was scored with other values gets a revision.
    """
    settings = settings_of(config_file)
    zone = ZoneInfo(settings.node.timezone)
    now = clock.now()
    release = Release(
        animal_id=animal or "",
        at=now.astimezone(zone),
        who=by or user_name(),
        weight_g=weight_g,
        activity_bq=None if activity_mbq is None else activity_mbq * _BQ_PER_MBQ,
        injected_at=None if injected_at is None else _instant(injected_at, zone, now),
    )
    with open_ledger(settings) as ledger:
        if not told_values(release) and _sent(ledger, uid, release, as_json=as_json):
            return
        study = _study(ledger, uid, any_values=bool(told_values(release)))
        refuse_deleted(study)
        if not told_values(release):
            raise NothingReleasedError(study)
        outcome = release_values(
            ledger, uid, release, intake_options(settings), clock.now
        )
    if as_json:
        print_json(_data(uid, outcome))
    else:
        _tell(uid, outcome)
    for held in outcome.held:
        click.echo(f"held {held.reason}: {held.detail}", err=True)
    if outcome.held:
        sys.exit(EXIT_HELD)


def _study(ledger: Ledger, uid: str, *, any_values: bool) -> StudySummary:
    """Return the study that is meant; of a result's object, when no value is given."""
    study = ledger.study(uid)
    if study is None and (results := ledger.results_meant(uid)):
        if any_values:
            raise ValuesOfResultError(results[-1])
        study = ledger.study(results[-1].study_instance_uid)
    if study is None:
        click.echo(f"no study {uid}; `exhaustion-node studies` lists them", err=True)
        sys.exit(EXIT_USAGE)
    return study.summary


def _sent(ledger: Ledger, uid: str, release: Release, *, as_json: bool) -> bool:
    """Release results that wait, and return whether any does or did.

    That one was released before answers nothing where the study waits for a value.
    """
    jobs = concerned_results(ledger, uid)
    study = ledger.study(uid)
    held = study is not None and study.summary.state is StudyState.HELD
    if not jobs or (held and not any(job.is_withheld for job in jobs)):
        return False
    if release.animal_id:
        raise AnimalOfResultError
    found = release_results(ledger, jobs, release.who, clock.now)
    print_releases(uid, found, release.at.tzinfo or UTC, as_json=as_json)
    if any_left(found):
        sys.exit(EXIT_HELD)
    return True


def _data(uid: str, outcome: Released) -> dict[str, Any]:
    return {
        "study_instance_uid": uid,
        **release_data(outcome.release),
        "before": dict(outcome.before),
        "queued": list(outcome.queued),
        "held": [vars(held) for held in outcome.held],
        "notes": list(outcome.notes),
    }


def _tell(uid: str, outcome: Released) -> None:
    for name, told in told_values(outcome.release).items():
        click.echo(f"released {told} (before: {outcome.before[name]})")
    for key in outcome.queued:
        click.echo(f"queued job {key[:12]}; the running node computes it")
    for note in outcome.notes:
        click.echo(note)
    click.echo(f"`exhaustion-node study {uid}` tells what becomes of it")


def _instant(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return an instant as a person types it.

    Raises
    ------
    InstantError
    """
    try:
        typed = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InstantError(text, "is no instant such as 2026-03-02T10:05") from None
    if len(text.strip()) <= len("2026-03-02"):
        raise InstantError(text, "has no time of day")
    instant = typed if typed.tzinfo else _in_zone(text, typed, zone)
    if instant > now + timedelta(minutes=1):
        raise InstantError(text, "lies in the future")
    return instant


def _in_zone(text: str, typed: datetime, zone: tzinfo) -> datetime:
    """Return a time of a zone's clocks, which skip an hour and repeat one."""
    first, second = (typed.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        fact = "is a time at which the clocks were changed; write its offset, +01:00"
        raise InstantError(text, fact)
    return first


class NothingReleasedError(RefusalError):
    """No value was named."""

    def __init__(self, study: StudySummary) -> None:
        why = ": ".join(filter(None, [study.reason, study.detail]))
        standing = f"the study is {study.state}" + (f": {why}" if why else "")
        super().__init__(
            "no result of it waits to be sent, and no value is given: --weight-g, "
            "--activity-mbq or --injected-at; " + standing
        )


class ValuesOfResultError(RefusalError):
    """Values are given, and an object of a result is named."""

    def __init__(self, job: Job) -> None:
        super().__init__(
            "values are released for a study, and this is an object of a result of "
            f"study {job.study_instance_uid}: name that"
        )


class AnimalOfResultError(RefusalError):
    """A result is to be sent, and an animal is named, which is for values."""

    def __init__(self) -> None:
        super().__init__(
            "--animal says whom values are for. To send the result of one animal alone,"
            " name an object of it instead of the study; `exhaustion-node study UID`"
            " lists them"
        )


class InstantError(RefusalError):
    """What was typed is no instant of an injection."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"--injected-at {text!r} {why}")
