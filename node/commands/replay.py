"""``replay UID``: compute again what would change, send again what would not."""

import sys
from pathlib import Path

import click

from node import clock
from node.commands.exits import EXIT_HELD, EXIT_USAGE
from node.commands.options import config_option, settings_of
from node.data_folder import open_ledger
from node.keeping.deleted import refuse_deleted
from node.options.works import compute_options, intake_options
from node.replay import replay_study


@click.command("replay")
@click.argument("uid")
@config_option
def replay_command(uid: str, config_file: Path | None) -> None:
    """Decide on the study UID again, under today's configuration and software.

    A result that would change is computed anew and sent as a revision; one that would
    be the same is sent again; what was held or failed is tried again. The running node
    does the work.
    """
    settings = settings_of(config_file)
    with open_ledger(settings) as ledger:
        study = ledger.study(uid)
        if study is None:
            click.echo(
                f"no study {uid}; `exhaustion-node studies` lists them", err=True
            )
            sys.exit(EXIT_USAGE)
        refuse_deleted(study.summary)
        wanted = compute_options(settings).wanted
        outcome = replay_study(ledger, uid, intake_options(settings), wanted, clock.now)
    for line in outcome.done:
        click.echo(line)
    for line in outcome.not_done:
        click.echo(line, err=True)
    if outcome.not_done:
        sys.exit(EXIT_HELD)
