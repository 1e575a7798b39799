"""``python -m node.healthcheck``: whether the node on this machine answers C-ECHO.

For container platforms and monitoring: exit code 0 when it answers, 1 with the reason
on standard error when it does not, 2 for a configuration that cannot be read.

Design choice: a C-ECHO rather than an open port. A port stays open while the listener
behind it hangs; an answer shows that associations are negotiated and served.

Design choice: the check introduces itself with the node's own title, which the node
lets in from its own machine for C-ECHO alone, whoever else may connect. Over TLS both
sides show the node's own certificate.

Design choice: a node that has as many associations open as it takes is healthy. It
answers, and to have it restarted would end all of them.

Design choice: a container platform asks each half a minute, so neither ledger nor
anything that computes is loaded.
"""

import sys
from dataclasses import replace
from pathlib import Path

import click

from config.load import ConfigError, load_settings
from config.schema import Settings
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerTimeouts,
    PeerUnavailableError,
    echo,
)
from node.options.tls import tls_options
from node.records.outcome import FailureKind

UNHEALTHY = 1

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound to, replaced


@click.command()
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    envvar="EXHAUSTION_NODE_CONFIG",
    help="The node's configuration; all defaults without it.",
)
@click.option(
    "--timeout-s",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    help="For each of connection, association and answer.",
)
def main(config_file: Path | None, timeout_s: float) -> None:
    """Ask the node of a configuration for a C-ECHO."""
    try:
        settings = load_settings(config_file)
    except ConfigError as error:
        raise click.UsageError(str(error)) from None
    reason = why_unhealthy(settings, timeout_s)
    if reason:
        click.echo(reason, err=True)
        sys.exit(UNHEALTHY)


def why_unhealthy(settings: Settings, timeout_s: float) -> str:
    """Return why the node does not answer, or the empty string when it does.

    Parameters
    ----------
    settings : Settings
        Of the node that is asked; it is expected on this machine.
    timeout_s : float
    """
    node = settings.node
    # The certificate names the host as others call it; here it is called by a loopback
    # address.
    tls = replace(tls_options(settings), verify_host=False, ourselves=True)
    asked = Destination(
        name="node",
        ae_title=node.ae_title,
        host=_WILDCARDS.get(node.host, node.host),
        port=node.port,
        calling_ae=node.ae_title,
        timeouts=PeerTimeouts(timeout_s, timeout_s, timeout_s),
        tls=tls if settings.tls.listen else None,
    )
    try:
        return echo(asked)
    except PeerUnavailableError as failure:
        return "" if failure.kind is FailureKind.BUSY else str(failure)
    except PeerRefusesError as refusal:
        return str(refusal)


if __name__ == "__main__":
    main()
