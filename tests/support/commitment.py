"""Peers for storage commitment, made of pynetdicom alone: an archive and a scanner."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, AllStoragePresentationContexts, build_role, evt
from pynetdicom.association import Association

from node.security.tls import TlsOptions, client_context, server_context
from tests.support.peers import HOST, PATIENCE_S

PUSH_MODEL = "1.2.840.10008.1.20.1"
INSTANCE = "1.2.840.10008.1.20.1.1"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"


def references(*pairs: tuple[str, str], reason: int | None = None) -> list[Dataset]:
    """Return items of a sequence of SOP classes and instances."""
    items = []
    for sop_class, sop_instance in pairs:
        item = Dataset()
        item.ReferencedSOPClassUID = sop_class
        item.ReferencedSOPInstanceUID = sop_instance
        if reason is not None:
            item.FailureReason = reason
        items.append(item)
    return items


def question(transaction_uid: str, *pairs: tuple[str, str]) -> Dataset:
    """Return action information."""
    content = Dataset()
    content.TransactionUID = transaction_uid
    content.ReferencedSOPSequence = references(*pairs)
    return content


def pairs_of(content: Dataset, keyword: str) -> list[tuple[str, str]]:
    """Return the SOP classes and instances of a sequence; none if it is not there."""
    return [
        (str(item.ReferencedSOPClassUID), str(item.ReferencedSOPInstanceUID))
        for item in content.get(keyword) or []
    ]


@dataclass
class Report:
    """An N-EVENT-REPORT that came.

    Attributes
    ----------
    event_type : int
    content : Dataset
    """

    event_type: int
    content: Dataset

    @property
    def committed(self) -> list[tuple[str, str]]:
        return pairs_of(self.content, "ReferencedSOPSequence")

    @property
    def failed(self) -> dict[str, int]:
        """Failure reasons by SOP Instance UID."""
        return {
            str(item.ReferencedSOPInstanceUID): int(item.FailureReason)
            for item in self.content.get("FailedSOPSequence") or []
        }


@dataclass
class Reports:
    """What came, and a way to wait for more."""

    came: list[Report] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, event: evt.Event) -> tuple[int, None]:
        with self._changed:
            self.came.append(
                Report(int(event.event_type or 0), event.event_information)
            )
            self._changed.notify_all()
        return 0x0000, None

    def wait(self, number: int, timeout_s: float = PATIENCE_S) -> list[Report]:
        """Return so many reports; fail when they do not come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.came) >= number, timeout_s)
            return list(self.came)


@contextmanager
def scanner_listening(
    ae_title: str = "SCANNER", *, port: int = 0, status: int = 0x0000
) -> Iterator[tuple[int, Reports]]:
    """Run a peer that takes answers on associations of their own; yield its port."""
    reports = Reports()

    def take(event: evt.Event) -> tuple[int, None]:
        reports.take(event)
        return status, None

    entity = AE(ae_title=ae_title)
    entity.add_supported_context(PUSH_MODEL, scu_role=True, scp_role=True)
    server = entity.start_server(
        (HOST, port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, take)]
    )
    assert server is not None
    try:
        yield int(server.server_address[1]), reports
    finally:
        server.shutdown()


def ask(
    port: int,
    content: Dataset | None,
    *,
    called: str = "NODE",
    calling: str = "SCANNER",
    action_type: int = 1,
    instance: str = INSTANCE,
    stay: Callable[[Reports], Any] | None = None,
) -> int:
    """Send an N-ACTION as a peer does; return its status.

    `stay` is called with what comes on the same association, before that ends.
    """
    reports = Reports()
    entity = AE(ae_title=calling)
    entity.add_requested_context(PUSH_MODEL, ExplicitVRLittleEndian)
    association = entity.associate(
        HOST,
        port,
        ae_title=called,
        evt_handlers=[(evt.EVT_N_EVENT_REPORT, reports.take)],
    )
    assert association.is_established
    try:
        status, _ = association.send_n_action(
            content, action_type, PUSH_MODEL, instance
        )
        if stay is not None:
            stay(reports)
        return int(status.Status)
    finally:
        _end(association)


def report(
    port: int,
    content: Dataset | None,
    *,
    called: str = "NODE",
    calling: str = "PACS",
    event_type: int = 1,
    instance: str = INSTANCE,
    tls: TlsOptions | None = None,
) -> int:
    """Send an N-EVENT-REPORT on a new association; return its status."""
    entity = AE(ae_title=calling)
    entity.add_requested_context(PUSH_MODEL, ExplicitVRLittleEndian)
    association = entity.associate(
        HOST,
        port,
        ae_title=called,
        ext_neg=[build_role(PUSH_MODEL, scp_role=True)],
        tls_args=(client_context(tls), HOST) if tls else None,
    )
    assert association.is_established
    try:
        status, _ = association.send_n_event_report(
            content, event_type, PUSH_MODEL, instance
        )
        return int(status.Status)
    finally:
        _end(association)


def _end(association: Association) -> None:
    if association.is_established:
        association.release()
    association.join(PATIENCE_S)


@dataclass
class CommittingArchive:
    """An archive that stores, commits and answers queries as it is told.

    Attributes
    ----------
    ae_title : str
    keeps : callable
        Whether it says of an object that it keeps it.
    says : str
        Where the answer goes: ``apart`` (an association of its own), ``here`` (that on
        which it was asked), or ``nothing``.
    status : int
        Of N-ACTION.
    finds : bool
        Whether it answers queries with what it has.
    reports_as : str
        Calling AE title of answers; empty for its own.
    tls : TlsOptions or None
        By which it listens, and calls the node.
    node : tuple of (port, AE title)
        Where answers go.
    stored : list of (SOP class, SOP instance)
        Every C-STORE, in order.
    questions : list of Dataset
    statuses : list of int
        Of its N-EVENT-REPORTs.
    """

    node: tuple[int, str]
    ae_title: str = "ARCHIVE"
    keeps: Callable[[str], bool] = lambda _: True
    says: str = "apart"
    status: int = 0x0000
    finds: bool = True
    commits: bool = True
    reports_as: str = ""
    tls: TlsOptions | None = None
    stored: list[tuple[str, str]] = field(default_factory=list)
    questions: list[Dataset] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    port: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)

    @contextmanager
    def running(self) -> "Iterator[CommittingArchive]":
        """Listen until the context ends."""
        entity = AE(ae_title=self.ae_title)
        for context in AllStoragePresentationContexts:
            entity.add_supported_context(str(context.abstract_syntax))
        if self.commits:
            entity.add_supported_context(PUSH_MODEL)
        entity.add_supported_context(STUDY_ROOT_FIND)
        server = entity.start_server(
            (HOST, self.port),
            block=False,
            ssl_context=server_context(self.tls) if self.tls else None,
            evt_handlers=[
                (evt.EVT_C_STORE, self._store),
                (evt.EVT_C_FIND, self._find),
                (evt.EVT_N_ACTION, self._action),
            ],
        )
        assert server is not None
        self.port = int(server.server_address[1])
        try:
            yield self
        finally:
            for thread in self._threads:
                thread.join(PATIENCE_S)
            server.shutdown()

    def answer(self, content: Dataset) -> Dataset:
        """Return the event information to a question."""
        answer = Dataset()
        answer.TransactionUID = content.TransactionUID
        pairs = pairs_of(content, "ReferencedSOPSequence")
        kept = [pair for pair in pairs if self.keeps(pair[1])]
        failed = [pair for pair in pairs if pair not in kept]
        if kept:
            answer.ReferencedSOPSequence = references(*kept)
        if failed:
            answer.FailedSOPSequence = references(*failed, reason=0x0112)
        return answer

    def report(self, content: Dataset, *, calling: str = "") -> int:
        """Answer a question on an association of its own; return the status."""
        answer = self.answer(content)
        port, called = self.node
        status = report(
            port,
            answer,
            called=called,
            calling=calling or self.reports_as or self.ae_title,
            event_type=2 if "FailedSOPSequence" in answer else 1,
            tls=self.tls,
        )
        self.statuses.append(status)
        return status

    def _store(self, event: evt.Event) -> int:
        request: Any = event.request
        pair = (str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID))
        self.stored.append(pair)
        return 0x0000

    def _find(self, event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        asked = event.identifier
        uids: Sequence[str] = [uid for _, uid in dict.fromkeys(self.stored)]
        for uid in uids if self.finds else ():
            found = Dataset()
            found.QueryRetrieveLevel = "IMAGE"
            found.StudyInstanceUID = asked.StudyInstanceUID
            found.SeriesInstanceUID = asked.SeriesInstanceUID
            found.SOPInstanceUID = uid
            yield 0xFF00, found

    def _action(self, event: evt.Event) -> tuple[int, None]:
        content = event.action_information
        self.questions.append(content)
        if self.status == 0x0000 and self.says != "nothing":
            thread = threading.Thread(target=self._say, args=(event.assoc, content))
            self._threads.append(thread)
            thread.start()
        return self.status, None

    def _say(self, association: Association, content: Dataset) -> None:
        if self.says == "apart":
            self.report(content)
            return
        answer = self.answer(content)
        kind = 2 if "FailedSOPSequence" in answer else 1
        # Not before the N-ACTION is answered.
        threading.Event().wait(0.1)
        status, _ = association.send_n_event_report(answer, kind, PUSH_MODEL, INSTANCE)
        self.statuses.append(int(status.Status))
