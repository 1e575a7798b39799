"""``exhaustion-node``: the one command, and what it can do."""

import sys
import warnings
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from config.refusal import RefusalError
from node.commands.exits import EXIT_USAGE
from node.logs import hush_pydicom

COMMANDS = {
    "demo": "Score a study end to end on this machine, and explain it.",
    "run": "Run the node until it is told to stop.",
    "score": "Score a folder of DICOM, without a network.",
    "features": "Compute the features of a study.",
    "phantom": "Write an Inveon-like study with a known answer.",
    "check-config": "Tell every mistake of a configuration, or what it means.",
    "doctor": "Try every peer, port, disk and clock that the node needs.",
    "studies": "List the studies of the node, and why each stands there.",
    "study": "Tell all about one study.",
    "show": "Show a result, by the UID or file of any of its objects.",
    "refusals": "List who was not let in, and what was not taken.",
    "release": "Give a weight, an activity or an injection time by hand.",
    "audit": "Prove that everything received is accounted for, and whole.",
    "replay": "Decide on a study again, and send again what stands.",
    "withdraw": "Take a wrong result back, and tell the archives.",
    "repeatability": "Tell which features repeat when an animal is scanned twice.",
    "train": "Train a score model on your own tables, and judge it.",
    "validate": "Measure how well a score model does on your own labels.",
    "calibrate": "Fit a score model's scale to your own labels.",
    "cohort": "Follow groups of animals, and each animal, over days.",
}
"""What people type, each in the module of its name in `node.commands`."""


class _Refused(click.ClickException):
    """How click ends a command without a traceback."""

    exit_code = EXIT_USAGE


class Commands(click.Group):
    """The commands, loaded when they are called.

    Design choice: a list of studies should not wait for texture libraries. Only the
    command that was named is imported; the summaries stand above.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's)
        """Return the names, in the order of the summaries."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's)
        """Return a command, or None when there is none of the name."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = import_module(f"node.commands.{name}")
        command = getattr(module, f"{name}_command")
        return command if isinstance(command, click.Command) else None

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 (click's)
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the summaries."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named; a refusal ends it with its message."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                # A terminal without a region's letters still shows its numbers.
                stream.reconfigure(errors="replace")
        try:
            with warnings.catch_warnings():
                hush_pydicom()
                return super().invoke(ctx)
        except RefusalError as error:
            raise _Refused(str(error)) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="exhaustion-node", prog_name="exhaustion-node")
def main() -> None:
    """Score T-cell exhaustion from preclinical PET with RTSTRUCT contours.

    A DICOM node: it receives Inveon PET/CT and RTSTRUCT, turns the PET into SUV, scores
    the contoured tumours, and sends a structured report and a parametric map back to
    the PACS. The published score is uncalibrated on your scanner. Research use only.

    Exit codes: 0 done; 2 wrong usage or configuration; 3 something was held or refused;
    1 a defect of ours.
    """
