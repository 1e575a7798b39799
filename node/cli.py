"""``exhaustion-node``: the one command, and what it can do."""

from typing import Any

import click

from config.load import ConfigError
from config.score_models import ScoreModelError
from node.commands.check_config import check_config_command
from node.commands.demo import demo_command
from node.commands.features import features_command
from node.commands.options import ConfigurationRefused
from node.commands.phantom import phantom_command
from node.commands.replay import replay_command
from node.commands.run import run_command
from node.commands.score import score_command
from node.commands.studies import studies_command
from node.commands.study import study_command
from node.folder import SourceError
from node.identity import software_version
from node.ledger import LedgerAddressError
from node.listener import CannotListenError

_REFUSED = (
    ConfigError,
    ScoreModelError,
    SourceError,
    LedgerAddressError,
    CannotListenError,
)
"""What the person at the terminal can put right: exit code 2, without a traceback."""


class Commands(click.Group):
    """The commands; wrong configuration or usage ends each with its message."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except _REFUSED as error:
            raise ConfigurationRefused(str(error)) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(software_version(), prog_name="exhaustion-node")
def main() -> None:
    """Score T-cell exhaustion from preclinical PET with RTSTRUCT contours.

    A DICOM node: it receives Inveon PET/CT and RTSTRUCT, turns the PET into SUV, scores
    the contoured tumours, and sends a structured report and a parametric map back to
    the PACS. The published score is uncalibrated on your scanner. Research use only.

    Exit codes: 0 done; 2 wrong usage or configuration; 3 something was held or refused;
    1 a defect of ours.
    """


for _command in (
    demo_command,
    run_command,
    score_command,
    features_command,
    phantom_command,
    check_config_command,
    studies_command,
    study_command,
    replay_command,
):
    main.add_command(_command)
