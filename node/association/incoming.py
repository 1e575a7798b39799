"""Objects on their way: whose they are, what came of them, and what is said to them.

Design choice: an object that is larger than allowed is read to its end, without being
kept, and then refused: the association and the other objects go on. The status is one
of *Cannot Understand*: after *Out of Resources* a sender tries again for ever.

Design choice: whoever would not be served is told so by a status. The presentation
context must be of the object's own class (0x0122 otherwise), or a peer that may send
one class could send any.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from node.association.gathering import Content, GatheredContent
from node.association.store_messages import StoreRequest

_log = logging.getLogger(__name__)

CLASS_NOT_SUPPORTED = 0x0122
"""Refused: SOP Class Not Supported (PS3.7 9.1.1.1.9)."""
NO_SUCH_NAME = 0x0117
"""Refused: Invalid SOP Instance (PS3.7 annex C): the UID is none."""
TOO_LARGE = 0xC002
"""Cannot Understand (PS3.4 B.2.3): no attempt will ever succeed."""
NO_ROOM = (0xA700, "storage is not available, try again later")
NO_DATA_SET = (0xC003, "the request says that no data set follows")


class Answered(Protocol):
    """What a peer is told."""

    @property
    def status(self) -> int:
        """C-STORE status."""

    @property
    def comment(self) -> str:
        """*Error Comment*; cut to 64 characters."""


@dataclass(frozen=True)
class Whole:
    """An object that came whole.

    Attributes
    ----------
    request : StoreRequest
    transfer_syntax_uid : str
    dataset : bytes or mmap
    """

    request: StoreRequest
    transfer_syntax_uid: str
    dataset: Content


@dataclass(frozen=True)
class LaneServices:
    """Who decides on objects.

    Attributes
    ----------
    store : callable
        Takes an object that came whole; returns what the peer is told. Never raises.
    refuse : callable
        Takes the request, status and comment of an object that is refused unread, and
        returns what the peer is told. Never raises.
    object_limit : int
        Bytes of a data set.
    spool_folder : Path or None
        Where objects lie while they come that are too large for the memory; None for
        the system's own folder.
    """

    store: Callable[[Whole], Answered]
    refuse: Callable[[StoreRequest, int, str], Answered]
    object_limit: int
    spool_folder: Path | None = None


@dataclass
class Incoming:
    """An object that is on its way.

    Attributes
    ----------
    request : StoreRequest
    context_id : int
    transfer_syntax_uid : str
    refusal : (int, str) or None
        Status and comment when it is read, but not kept.
    size : int
        Bytes that came so far.
    """

    request: StoreRequest
    context_id: int
    transfer_syntax_uid: str
    refusal: tuple[int, str] | None = None
    size: int = 0
    _content: GatheredContent | None = None

    def add(self, piece: memoryview, services: LaneServices) -> None:
        """Take what came next; beyond the limit nothing is kept any more."""
        self.size += len(piece)
        if self.size > services.object_limit and self.refusal is None:
            mib = services.object_limit / (1 << 20)
            self.refusal = (TOO_LARGE, f"larger than the {mib:.0f} MiB that are taken")
        if self.refusal is None:
            try:
                self._gathered(services).add(piece)
            except OSError as failure:
                _log.error("an object cannot be kept: %s", failure)
                self.refusal = NO_ROOM
        if self.refusal is not None:
            self._content = None

    def content(self, services: LaneServices) -> Content:
        """Return the data set, and keep it no longer.

        Raises
        ------
        OSError
        """
        gathered, self._content = self._gathered(services), None
        return gathered.content()

    def _gathered(self, services: LaneServices) -> GatheredContent:
        if self._content is None:
            self._content = GatheredContent(services.spool_folder)
        return self._content


def refusal_of(request: StoreRequest, sop_class: str) -> tuple[int, str] | None:
    """Return status and comment for a request that cannot be served, else None."""
    if request.sop_class_uid != sop_class:
        return CLASS_NOT_SUPPORTED, "the context is of another SOP Class"
    if not request.sop_instance_uid:
        return NO_SUCH_NAME, "the Affected SOP Instance UID is missing or no UID"
    return None
