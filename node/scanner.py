"""The scanner of the demo: sends a study from a process of its own.

Design choice: nothing else is in this module, for its process imports what it imports,
and the demo waits for that.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from dicom_io.identity_repair import named_by_data_set
from node import clock
from node.association.sender import (
    Deferred,
    Delivered,
    Destination,
    Outcome,
    send_files,
)


@dataclass(frozen=True)
class Sent:
    """What the sender found.

    Attributes
    ----------
    taken : int
        Files that the peer took.
    refused : tuple of str
        Files that it did not take, with the reason.
    began_at, answered_at : datetime
        The first C-STORE, and the answer to the last.
    """

    taken: int
    refused: tuple[str, ...]
    began_at: datetime
    answered_at: datetime


def send_apart(peer: Destination, files: list[Path]) -> Sent:
    """Send from a process of its own, as a scanner would.

    In this one, sender and node would take turns at one interpreter and both be slow.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_send, peer, files).result()


def _send(peer: Destination, files: list[Path]) -> Sent:
    with TemporaryDirectory(prefix="exhaustion-node-") as name:
        sendable = [named_by_data_set(path, Path(name)) for path in files]
        began_at = clock.now()
        answers = list(send_files(peer, sendable))
        answered_at = clock.now()
    return Sent(
        taken=sum(isinstance(answer, Delivered) for _, answer in answers),
        refused=tuple(
            f"{path.name}: {_why(answer)}"
            for path, answer in answers
            if not isinstance(answer, Delivered)
        ),
        began_at=began_at,
        answered_at=answered_at,
    )


def _why(answer: Outcome) -> str:
    return answer.why if isinstance(answer, Deferred) else answer.status
