"""``run``: the service."""

import logging
import signal
import threading
from pathlib import Path

import click

from node.app import Node
from node.commands.options import settings_of
from node.logs import start_logging

_log = logging.getLogger(__name__)


@click.command("run")
@click.option(
    "--config",
    "config_file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    envvar="EXHAUSTION_NODE_CONFIG",
    help="Configuration; see config/node.toml.",
)
def run_command(config_file: Path) -> None:
    """Run the node until it is told to stop (SIGTERM or Ctrl-C)."""
    settings = settings_of(config_file)
    start_logging(settings.logging.level, settings.logging.format)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    node = Node(settings)
    try:
        node.start()
        stop.wait()
    finally:
        _log.info("stopping")
        node.stop()
