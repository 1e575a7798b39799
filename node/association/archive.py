"""A small archive: takes every storage class, writes files, says what came when.

`demo` uses it as the PACS, tests use it as a peer. It is no durable store and answers
no queries.
"""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AllStoragePresentationContexts

from node import clock
from node.association.listener import STORED, Listener, ListenerOptions, SinkAnswer
from node.association.received import ReceivedObject

_PLAIN_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_LONGEST_UID = 64


@dataclass(frozen=True)
class Arrival:
    """An object that the archive has.

    Attributes
    ----------
    path : Path
    sop_class_uid, sop_instance_uid : str
    calling_ae : str
    at : datetime
        When the file was written; the sender was answered right after.
    """

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    calling_ae: str
    at: datetime


class Archive:
    """A Storage SCP that keeps what it gets in one folder; a context manager.

    Parameters
    ----------
    folder : Path
        Made when it does not exist.
    ae_title : str
    host : str
    port : int
        0 lets the operating system choose.
    """

    def __init__(
        self, folder: Path, ae_title: str, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._folder = folder
        self._arrivals: list[Arrival] = []
        self._changed = threading.Condition()
        self._listener = Listener(
            ListenerOptions(
                ae_title=ae_title,
                host=host,
                port=port,
                sop_classes=tuple(
                    str(context.abstract_syntax)
                    for context in AllStoragePresentationContexts
                ),
                transfer_syntaxes=tuple(AllTransferSyntaxes),
            ),
            self._keep,
        )

    @property
    def port(self) -> int:
        """The port that is bound."""
        return self._listener.port

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """What came so far, in order."""
        with self._changed:
            return tuple(self._arrivals)

    def start(self) -> None:
        """Listen.

        Raises
        ------
        CannotListenError
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._listener.start()

    def stop(self) -> None:
        """Stop listening; the files stay."""
        self._listener.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait_for(
        self, predicate: Callable[[Sequence[Arrival]], bool], timeout: float
    ) -> bool:
        """Return whether the arrivals satisfy a condition, within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: predicate(self._arrivals), timeout)

    def _keep(self, received: ReceivedObject) -> SinkAnswer:
        path = self._folder / f"{_name(received.sop_instance_uid)}.dcm"
        with self._changed:
            path.write_bytes(received.part10)
            self._arrivals.append(
                Arrival(
                    path,
                    received.sop_class_uid,
                    received.sop_instance_uid,
                    received.calling_ae,
                    clock.now(),
                )
            )
            self._changed.notify_all()
        return STORED


def _name(sop_instance_uid: str) -> str:
    """Return a file name; what is no UID is hashed, since it came over the network."""
    if len(sop_instance_uid) <= _LONGEST_UID and _PLAIN_UID.fullmatch(sop_instance_uid):
        return sop_instance_uid
    return sha256(sop_instance_uid.encode()).hexdigest()
