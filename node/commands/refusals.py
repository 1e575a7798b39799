"""``refusals``: who was not let in, and what was not taken.

Design choice: a command of its own. A refused association belongs to no study, and a
list of studies that had refusals in it would hide both.
"""

from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from node.commands.options import (
    config_option,
    console,
    json_option,
    print_json,
    settings_of,
)
from node.data_folder import open_ledger
from node.display import print_text, printable
from node.records.refused import KeptRefusal


@click.command("refusals")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many, the latest.",
)
@config_option
@json_option
def refusals_command(*, limit: int, config_file: Path | None, as_json: bool) -> None:
    """List the associations and objects that the node refused, the latest first.

    Of each: when (in the zone node.timezone), who by AE title and address, the status
    that the peer was told, and why in words.
    """
    settings = settings_of(config_file)
    with open_ledger(settings) as ledger:
        found = ledger.refusals(limit)
    if as_json:
        print_json([refusal_data(each) for each in found])
    elif not found:
        click.echo("nothing was refused")
    else:
        page, zone = console(), ZoneInfo(settings.node.timezone)
        for each in found:
            _show(page, each, zone)


def refusal_data(kept: KeptRefusal) -> dict[str, object]:
    """Return a refusal as plain data."""
    refusal = kept.refusal
    return {
        "at": kept.at.isoformat(),
        "calling_ae": refusal.calling_ae,
        "address": refusal.address,
        "sop_class_uid": refusal.sop_class_uid or None,
        "sop_instance_uid": refusal.sop_instance_uid or None,
        "status": refusal.status or None,
        "why": refusal.why,
    }


def _show(page: Console, kept: KeptRefusal, zone: tzinfo) -> None:
    refusal = kept.refusal
    who = " at ".join(part for part in (refusal.calling_ae, refusal.address) if part)
    head = f"{kept.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {refusal.status:<9}  {who}"
    page.print(printable(head), markup=False, soft_wrap=True)
    if refusal.sop_instance_uid:
        page.print(
            f"  {printable(refusal.sop_instance_uid)}", markup=False, soft_wrap=True
        )
    print_text(page, printable(refusal.why), indent=2)
