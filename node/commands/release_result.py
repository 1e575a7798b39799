"""What ``release UID`` does and says where no value is given: a result is sent."""

from datetime import tzinfo
from typing import Any

import click

from node.commands.options import print_json
from node.display import printable
from node.result_release import ResultRelease


def print_releases(
    uid: str, found: list[ResultRelease], zone: tzinfo, *, as_json: bool
) -> None:
    """Print what became of results that a person released."""
    if as_json:
        results = [_data(each) for each in found]
        print_json({"study_instance_uid": uid, "results": results})
        return
    for each in found:
        click.echo(printable(_line(each, zone)))
    if any(each.new for each in found):
        click.echo("the running node sends what is released")


def any_left(found: list[ResultRelease]) -> bool:
    """Return whether a result is withheld still."""
    return any(each.at is None for each in found)


def _data(release: ResultRelease) -> dict[str, Any]:
    return {
        "job": release.job_key,
        "new": release.new,
        "reason": release.reason,
        "at": None if release.at is None else release.at.isoformat(),
        "by": release.who,
        "faults": release.faults,
        "objects": release.objects,
    }


def _line(release: ResultRelease, zone: tzinfo) -> str:
    job = f"job {release.job_key[:12]}"
    if release.at is None:
        why = "a later result is to take its place, and `study` tells which"
        return f"{job} is not released: {why}"
    if not release.new:
        at = f"{release.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        return f"{job} was released by {release.who} at {at} already"
    known = f", although {release.faults}" if release.faults else ""
    return f"{job}: {release.objects} objects are released{known}"
