"""From settings to what is fetched, and from where; part of the composition root."""

from collections.abc import Callable
from datetime import datetime, timedelta

from config.schema import Settings
from node.association.requestor import Destination
from node.association.retrieve import Taker
from node.association.storing import Sink
from node.ledger import Ledger
from node.options.network import destinations
from node.retrieval.retrieving import RetrieveOptions, Retrieving
from node.retry import RetryPolicy

_MEGABYTE = 1 << 20


def retrieving(
    settings: Settings, ledger: Ledger, sink: Sink, now: Callable[[], datetime]
) -> Retrieving | None:
    """Return who fetches what studies lack; None where no archive is to be asked.

    Parameters
    ----------
    settings : Settings
    ledger : Ledger
    sink : callable
        Makes an object durable, the one of the listener.
    now : callable
        The clock.
    """
    source = retrieve_source(settings)
    if source is None:
        return None
    taker = Taker(sink, settings.limits.object_mb * _MEGABYTE)
    return Retrieving(ledger, source, retrieve_options(settings), taker, now)


def retrieve_source(settings: Settings) -> Destination | None:
    """Return the archive that is asked for what is not here; None for none."""
    name = settings.retrieve.source
    found = [each for each in destinations(settings) if name and each.name == name]
    # The settings know no source but a destination by C-STORE.
    return found[0] if found else None


def retrieve_options(settings: Settings) -> RetrieveOptions:
    """Return what is fetched, and how."""
    retrieve = settings.retrieve
    interval = timedelta(seconds=retrieve.interval_s)
    longest = timedelta(seconds=settings.retry.maximum_delay_s)
    days = retrieve.give_up_after_days
    return RetrieveOptions(
        method=retrieve.method,
        policy=RetryPolicy(
            first_delay=interval,
            factor=settings.retry.factor,
            longest_delay=max(interval, longest),
            alarm_after=settings.retry.alarm_after,
        ),
        settle=timedelta(seconds=settings.matching.settle_seconds),
        give_up_after=timedelta(days=days) if days else None,
        earlier_studies=retrieve.earlier_studies,
    )
