"""The machine: its clock and its memory."""

import ctypes
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from config.schema import Settings
from node.case.external_check import ExternalCheck, UnheardError
from node.doctor.finding import Finding, doubtful, ill, well

_UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2)."""
_STATUS_AT = 40
"""Where `status` stands in struct timex on a 64-bit Linux."""
_TIMEX_BYTES = 208
_TOLERATED = timedelta(minutes=1)


def examine_clock(now: datetime, latest_event_at: datetime | None) -> Iterator[Finding]:
    """Yield what there is to say of the clock.

    Parameters
    ----------
    now : datetime
    latest_event_at : datetime or None
        Of the ledger. A clock that is behind it has been set back.
    """
    if latest_event_at is not None and latest_event_at > now + _TOLERATED:
        yield ill(
            "clock",
            f"it is {now:%Y-%m-%d %H:%M:%S} UTC, and the ledger's last event was at "
            f"{latest_event_at:%Y-%m-%d %H:%M:%S}",
            "Set the clock; results would carry wrong dates.",
        )
        return
    synchronised = _is_synchronised()
    told = f"it is {now:%Y-%m-%d %H:%M:%S} UTC"
    if synchronised is False:
        remedy = "Run chrony or systemd-timesyncd, or see that the host does."
        yield doubtful("clock", f"{told}; the kernel knows no time server", remedy)
    else:
        yield well("clock", told + ("; synchronised" if synchronised else ""))


def examine_memory(settings: Settings) -> Iterator[Finding]:
    """Yield whether the workers may take more memory than there is."""
    workers, each_mb = settings.compute.workers, settings.compute.memory_mb
    there_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    fact = f"{workers} worker(s) may take {each_mb} MB each, of {there_mb} MB"
    if workers * each_mb > there_mb:
        remedy = "Lower compute.workers or compute.memory_mb."
        yield doubtful("memory", fact, remedy)
    else:
        yield well("memory", fact)


def examine_external_check(settings: Settings) -> Iterator[Finding]:
    """Yield whether dciodvfy is there and speaks; nothing where nobody wants it."""
    if not settings.results.external_check:
        return
    program = shutil.which("dciodvfy")
    if program is None:
        yield doubtful(
            "dciodvfy",
            "it is not installed: objects are checked by the node's own rules alone",
            "Install it (Debian: dicom3tools), or set results.external_check = false.",
        )
        return
    try:
        # Of an object without anything it says that there is no such object.
        ExternalCheck(Path(program)).complaints(b"")
    except UnheardError as failure:
        fact = f"{program}: {failure}; the node's own rules alone are applied"
        remedy = "Install it again, or set results.external_check = false."
        yield doubtful("dciodvfy", fact, remedy)
    else:
        yield well("dciodvfy", f"{program} checks each series before it is sent")


def _is_synchronised() -> bool | None:
    """Return whether the kernel's clock follows a time server; None where unknown."""
    try:
        adjtimex = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    # All zeros: nothing is set, the kernel only tells.
    if adjtimex(buffer) < 0:
        return None
    status = int.from_bytes(buffer.raw[_STATUS_AT : _STATUS_AT + 4], "little")
    return not status & _UNSYNCHRONISED
