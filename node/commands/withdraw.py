"""``withdraw UID``: take a wrong result back, also from the archives."""

import sys
from pathlib import Path
from typing import Any

import click

from dicom_io.results.presentation.rejection_note import RejectionCode
from node import clock
from node.commands.exits import EXIT_HELD, EXIT_USAGE
from node.commands.options import config_option, json_option, print_json, settings_of
from node.commands.person import name_option, user_name
from node.data_folder import open_ledger
from node.delivery.withdrawing import WithdrawalOrder, Withdrawn, withdraw_results
from node.instance_store import InstanceStore
from node.options.case import case_options

_LONGEST_WHY = 1024


def _why(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Return a reason that may stand in a line of the audit and in an object."""
    why = value.strip()
    if not (0 < len(why) <= _LONGEST_WHY and why.isprintable()):
        fact = f"say why in 1 to {_LONGEST_WHY} printable characters on one line"
        raise click.BadParameter(fact)
    return why


@click.command("withdraw")
@click.argument("uid")
@click.option(
    "--why",
    metavar="TEXT",
    required=True,
    callback=_why,
    help="Why, for people: it goes into the note and the audit. No patient's name.",
)
@click.option(
    "--code",
    type=click.Choice([str(code) for code in RejectionCode]),
    default=str(RejectionCode.QUALITY),
    show_default=True,
    help="Why, for archives: the title of the rejection note.",
)
@click.option(
    "--by",
    metavar="NAME",
    callback=name_option,
    help="Who withdraws; your user name on this machine without it.",
)
@config_option
@json_option
def withdraw_command(
    *,
    uid: str,
    why: str,
    code: str,
    by: str | None,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """Take back the results of the study UID, or the one that the object UID is of.

    What was not sent yet is never sent. Archives that have some of it get a rejection
    note (IHE IOCM), which names all its objects. A result goes together with those that
    it had replaced. Other contours or values make a new result; the same ones do not.
    """
    settings = settings_of(config_file)
    with open_ledger(settings) as ledger:
        jobs = ledger.results_meant(uid)
        if jobs is None:
            click.echo(
                f"no study and no result {uid}; `exhaustion-node studies` lists the "
                "studies, `exhaustion-node study UID` what was made of one",
                err=True,
            )
            sys.exit(EXIT_USAGE)
        found = withdraw_results(
            ledger,
            jobs,
            WithdrawalOrder(RejectionCode(code), by or user_name(), why),
            case_options(settings),
            InstanceStore(settings.node.data_folder),
            clock.now,
        )
    if as_json:
        print_json([_data(each) for each in found])
    for each in found:
        if not as_json:
            click.echo(_line(each))
    if not found:
        click.echo("nothing is withdrawn: the study has no result", err=True)
        sys.exit(EXIT_HELD)


def _data(withdrawn: Withdrawn) -> dict[str, Any]:
    withdrawal = withdrawn.withdrawal
    return {
        "job": withdrawal.job_key,
        "new": withdrawn.new,
        "note": withdrawal.note_uid,
        "at": withdrawal.at.isoformat(),
        "by": withdrawal.who,
        "why": withdrawal.why,
        "objects": withdrawn.objects,
        "note_goes_to": list(withdrawn.destinations),
    }


def _line(withdrawn: Withdrawn) -> str:
    withdrawal = withdrawn.withdrawal
    job, to = withdrawal.job_key[:12], ", ".join(withdrawn.destinations)
    if not withdrawn.new:
        again = f"; its note is sent again to {to}" if to else ""
        return f"job {job} is {withdrawal.words} already{again}"
    note = f"the note goes to {to}" if to else "no archive has any of it"
    return f"job {job}: {withdrawn.objects} objects are withdrawn; {note}"
