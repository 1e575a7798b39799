"""All that is tried, in the order in which a person would look.

Design choice: nothing that fails keeps the rest from being tried; one run finds all
that there is to correct, as `check-config` does for the settings alone.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from config.schema import Settings
from node.association.requestor import Destination, PeerTimeouts
from node.doctor.disk import examine_disk
from node.doctor.finding import Finding
from node.doctor.machine import (
    examine_clock,
    examine_external_check,
    examine_memory,
)
from node.doctor.network import (
    examine_archive,
    examine_listener,
    examine_peer,
    uses_of,
)
from node.doctor.records import examine_injection_log, examine_ledger
from node.doctor.trust import examine_trust
from node.doctor.web import examine_web_archive
from node.options.network import answered_peers, destinations, web_destinations
from node.options.works import wanted_by
from node.records.kinds import SOP_CLASSES

_AT_ONCE = 8
"""Archives that are tried at a time, so that several that are down do not add up."""


def examine(settings: Settings, now: datetime, timeout_s: float) -> Iterator[Finding]:
    """Yield what is found, subject by subject.

    Parameters
    ----------
    settings : Settings
    now : datetime
    timeout_s : float
        For each connection, association and answer.
    """
    yield from examine_disk(settings.node.data_folder)
    of_ledger, latest_event_at = examine_ledger(settings)
    yield from of_ledger
    yield from examine_injection_log(settings)
    yield from examine_clock(now, latest_event_at)
    yield from examine_memory(settings)
    yield from examine_external_check(settings)
    yield from examine_trust(settings, now)
    yield from examine_listener(settings, timeout_s)
    yield from _examine_others(settings, timeout_s)


def _examine_others(settings: Settings, timeout_s: float) -> Iterator[Finding]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        archives = [
            pool.submit(
                list, examine_archive(destination, _uses(settings, destination))
            )
            for destination in _hurried(destinations(settings), timeout_s)
        ]
        archives += [
            pool.submit(
                list,
                examine_web_archive(
                    replace(destination, timeouts=_hurry(timeout_s)),
                    query=_is_asked(settings, destination.name),
                ),
            )
            for destination in web_destinations(settings)
        ]
        peers = [
            pool.submit(examine_peer, peer)
            for peer in _hurried(answered_peers(settings), timeout_s)
        ]
        for archive in archives:
            yield from archive.result()
        for peer in peers:
            yield peer.result()


def _hurried(found: list[Destination], timeout_s: float) -> list[Destination]:
    """Return destinations that are not waited for as long as in service."""
    return [replace(each, timeouts=_hurry(timeout_s)) for each in found]


def _hurry(timeout_s: float) -> PeerTimeouts:
    return PeerTimeouts(timeout_s, timeout_s, timeout_s)


def _is_asked(settings: Settings, name: str) -> bool:
    """Return whether an archive is asked what it keeps."""
    return any(
        each.name == name and each.confirm != "no" for each in settings.destinations
    )


def _uses(settings: Settings, destination: Destination) -> dict[str, str]:
    (own,) = (each for each in settings.destinations if each.name == destination.name)
    retrieve = settings.retrieve
    return uses_of(
        sorted({SOP_CLASSES[kind] for kind in wanted_by(settings, own)}),
        commitment=own.confirm == "commitment",
        query=own.confirm != "no",
        retrieve=retrieve.method if retrieve.source == own.name else "",
    )
