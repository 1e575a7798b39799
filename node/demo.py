"""The main job, end to end on loopback: a node, an archive, a study sent and scored.

Everything goes the way it goes in service: C-STORE in, ledger, workers, C-STORE out.
Only the archive is a small one of our own.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydicom.uid import Comprehensive3DSRStorage

from config.schema import Destination as ConfiguredDestination
from config.schema import Settings
from node.app import Node
from node.association.archive import Archive, Arrival
from node.association.sender import Destination
from node.data_folder import result_documents
from node.records.kinds import ResultKind
from node.records.states import StudyState
from node.records.study_views import StudyDetail, StudySummary
from node.scanner import send_apart

ARCHIVE_AE_TITLE = "ARCHIVE"

_SETTLE_S = 1
_SILENCE_S = 3.0
"""Longer than settling and a sweep of the clock take together."""
_POLL_S = 0.02
_BUSY = {StudyState.QUEUED, StudyState.SCORED}
_DELIVERED = {StudyState.DELIVERED, StudyState.COMMITTED}


@dataclass(frozen=True)
class DemoStudy:
    """What became of one study.

    Attributes
    ----------
    detail : StudyDetail
    results : tuple of dict
        As `node.case.report.RoiResult.as_data` gives them.
    held : tuple of dict
        With `reason`, `detail` and `study_instance_uid`.
    """

    detail: StudyDetail
    results: tuple[dict[str, Any], ...]
    held: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class DemoOutcome:
    """What the demo did.

    Attributes
    ----------
    sent : int
        Files that the node took.
    refused : tuple of str
        Files that it did not take, with the reason.
    send_s : float
        From the first C-STORE to the answer to the last.
    answer_s : float or None
        From the answer to the last C-STORE to the last structured report at the
        archive; None when none came.
    studies : tuple of DemoStudy
    arrivals : tuple of Arrival
        What the archive received.
    kinds : mapping of str to ResultKind
        What the results' objects are, by SOP Instance UID.
    """

    sent: int
    refused: tuple[str, ...]
    send_s: float
    answer_s: float | None
    studies: tuple[DemoStudy, ...]
    arrivals: tuple[Arrival, ...]
    kinds: Mapping[str, ResultKind]


def run_demo(
    files: Iterable[Path],
    settings: Settings,
    archive_folder: Path,
    progress: Callable[[str], None],
    timeout_s: float = 300.0,
) -> DemoOutcome:
    """Run a node and an archive, send the files, wait, and return what happened.

    Parameters
    ----------
    files : iterable of Path
        Of the study; what is no DICOM is reported and stops nothing.
    settings : Settings
        Port, destinations and settling time are the demo's own.
    archive_folder : Path
        Where the archive keeps what it receives.
    progress : callable
        Told, in words, what happens.
    timeout_s : float
        Longest wait for the results.
    """
    with Archive(archive_folder, ARCHIVE_AE_TITLE) as archive:
        node = Node(_demo_settings(settings, archive.port))
        try:
            progress("starting a node and an archive on loopback")
            node.start()
            node.wait_until_warm(timeout_s)
            progress("sending the study by C-STORE")
            sent = send_apart(_node_as_peer(node, settings), list(files))
            progress("waiting for the node to score it and send the results back")
            _wait(node, time.monotonic() + timeout_s)
            studies = _studies(node, settings.node.data_folder)
            return DemoOutcome(
                sent=sent.taken,
                refused=sent.refused,
                send_s=(sent.answered_at - sent.began_at).total_seconds(),
                answer_s=_report_after(archive.arrivals, sent.answered_at),
                studies=studies,
                arrivals=archive.arrivals,
                kinds={
                    result.sop_instance_uid: result.kind
                    for study in studies
                    for result in study.detail.results
                    if result.kind is not None
                },
            )
        finally:
            node.stop()


def _demo_settings(settings: Settings, archive_port: int) -> Settings:
    return settings.model_copy(
        update={
            "node": settings.node.model_copy(
                update={"host": "127.0.0.1", "port": 0, "allowed_calling_ae_titles": ()}
            ),
            "matching": settings.matching.model_copy(
                update={"settle_seconds": _SETTLE_S}
            ),
            "destinations": (
                ConfiguredDestination(
                    name="archive",
                    ae_title=ARCHIVE_AE_TITLE,
                    host="127.0.0.1",
                    port=archive_port,
                ),
            ),
        }
    )


def _node_as_peer(node: Node, settings: Settings) -> Destination:
    return Destination(
        name="node",
        ae_title=settings.node.ae_title,
        host="127.0.0.1",
        port=node.port,
        calling_ae="SCANNER",
    )


def _wait(node: Node, deadline: float) -> None:
    """Wait until all is delivered, or nothing changes any more without a person."""
    before: list[StudySummary] = []
    since = time.monotonic()
    while time.monotonic() < deadline:
        found = node.ledger.studies()
        if found and all(study.state in _DELIVERED for study in found):
            return
        busy = any(study.state in _BUSY for study in found)
        if busy or found != before:
            before, since = found, time.monotonic()
        elif time.monotonic() - since > _SILENCE_S:
            return
        time.sleep(_POLL_S)


def _report_after(arrivals: Iterable[Arrival], answered: datetime) -> float | None:
    reports = [
        arrival.at
        for arrival in arrivals
        if arrival.sop_class_uid == Comprehensive3DSRStorage
    ]
    return (max(reports) - answered).total_seconds() if reports else None


def _studies(node: Node, data_folder: Path) -> tuple[DemoStudy, ...]:
    details = [
        node.ledger.study(study.study_instance_uid) for study in node.ledger.studies()
    ]
    return tuple(
        _study(detail, data_folder) for detail in details if detail is not None
    )


def _study(detail: StudyDetail, data_folder: Path) -> DemoStudy:
    documents = result_documents(data_folder, detail)
    results = [found for document in documents for found in document["results"]]
    held = [item for document in documents for item in document["held"]]
    summary = detail.summary
    if summary.state not in _DELIVERED:
        held.append(
            {
                "study_instance_uid": summary.study_instance_uid,
                "reason": summary.reason or str(summary.state),
                "detail": summary.detail,
            }
        )
    return DemoStudy(detail, tuple(results), tuple(held))
