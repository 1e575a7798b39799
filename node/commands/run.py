"""``run``: the service."""

import gc
import logging
import signal
import sys
import threading
from pathlib import Path

import click

from node.app import Node
from node.commands.options import settings_of
from node.logs import start_logging

_log = logging.getLogger(__name__)

SWITCH_S = 0.0005
"""How long a thread that computes keeps Python's lock while another wants it. An object
on its way gives the lock back a dozen times, at each read, write and fsync; with
Python's 5 ms a sweep that reads headers would hold it up each time."""


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
    be_prompt()
    try:
        node.start()
        stop.wait()
    finally:
        _log.info("stopping")
        node.stop()


def be_prompt() -> None:
    """Have whoever waits for this process wait no longer than he must.

    To be called when all is loaded and nothing is served yet. What is loaded stays: to
    walk through it takes the garbage collector a tenth of a second, in which no thread
    does anything, whenever what a study leaves behind has become much.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
