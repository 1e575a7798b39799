"""Storage commitment with Orthanc, both ways: who asks, and who is asked."""

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from config.load import default_settings
from node import clock
from node.association.listener import Listener
from node.association.sender import send, send_files
from node.deciding.intake import Intake
from node.delivery.answering import AnsweringOptions
from node.delivery.commitments import Asking, CommitmentOptions, Commitments
from node.delivery.confirming import ConfirmingOptions
from node.identity import derived_uid
from node.instance_store import InstanceStore
from node.ledger import Ledger
from node.options.works import intake_options
from node.receiving import Receiving
from node.records.jobs import ResultObject
from node.records.outcome import Delivered
from node.records.states import StudyState
from node.retry import RetryPolicy
from tests.support.archives import Orthanc, orthanc
from tests.support.commitment import (
    CommittingArchive,
    ask,
    question,
    scanner_listening,
)
from tests.support.empty_ledger import ledger_in
from tests.support.objects import STUDY
from tests.support.peers import (
    HOST,
    PATIENCE_S,
    destination,
    free_port,
    listener_options,
    result_object,
    write_files,
)
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.service import (
    NODE_AE,
    running,
    store,
    wait_for_state,
    write_config,
)
from tests.support.sources import enter_study
from tests.support.studies import write_study

pytestmark = pytest.mark.system

_CONFIRMED = 'ae_title = "ARCHIVE"\nconfirm = "commitment"'
_POLICY = RetryPolicy(first_delay=timedelta(seconds=0.2))


@dataclass
class Node:
    """The node's listener and store, with Orthanc as its archive and as its scanner."""

    folder: Path
    ledger: Ledger
    store: InstanceStore
    orthanc: Orthanc
    port: int
    commitments: Commitments

    def post(self, path: str, content: object) -> Any:
        """Send a request to Orthanc's REST interface."""
        request = urllib.request.Request(
            f"http://{HOST}:{self.orthanc.http_port}/{path}",
            data=json.dumps(content).encode(),
        )
        with urllib.request.urlopen(  # noqa: S310 - of this machine, by HTTP
            request, timeout=PATIENCE_S
        ) as answer:
            return json.load(answer)

    def study_state(self) -> StudyState:
        detail = self.ledger.study(STUDY)
        assert detail is not None
        return detail.summary.state


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("node")
    port = free_port()
    with (
        ledger_in(folder) as ledger,
        orthanc(
            folder / "orthanc", DicomModalities={"node": ["NODE", HOST, port]}
        ) as peer,
    ):
        archive = destination(peer.port)
        confirming = ConfirmingOptions(
            by_commitment=True, within=timedelta(minutes=5), policy=_POLICY
        )
        options = CommitmentOptions(
            (Asking(archive, confirming),),
            (archive,),
            AnsweringOptions(_POLICY),
        )
        made = Commitments(
            ledger, options, clock.now, lambda *names: derived_uid("2.25", *names)
        )
        store = InstanceStore(folder)
        sink = Receiving(store, ledger, clock.now, lambda: None)
        listener = Listener(listener_options(port=port), sink, [made.service])
        listener.start()
        yield Node(folder, ledger, store, peer, port, made)
        listener.stop()


def eventually(condition: Any) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.05)


def test_orthanc_says_what_it_keeps_and_what_not(node: Node) -> None:
    paths = write_files(node.folder / "results", pet_datasets(slices=3))
    results = [
        ResultObject(
            each.sop_class_uid,
            each.sop_instance_uid,
            each.transfer_syntax_uid,
            each.path.relative_to(node.folder),
            dcmread(each.path, stop_before_pixels=True).SeriesInstanceUID,
        )
        for each in map(result_object, paths)
    ]
    enter_study(node.ledger, STUDY)
    options = intake_options(default_settings())
    Intake(node.ledger, options, clock.now, lambda: None).sweep()
    job = node.ledger.claim_job(clock.now())
    assert job is not None
    node.ledger.finish_job(job.key, results, {"pacs": results}, clock.now())
    due = node.ledger.due_deliveries("pacs", clock.now(), 10)
    # Orthanc takes all but the last, which the ledger believes it took.
    sent = list(send(destination(node.orthanc.port), [each.object for each in due[:2]]))
    assert sent == [Delivered("0000")] * 2
    for each in due:
        node.ledger.delivered(each.identifier, "0000", clock.now())

    [asking] = node.commitments.asking
    asking.sweep()
    eventually(lambda: node.ledger.due_deliveries("pacs", clock.now(), 10))

    [lost] = node.ledger.due_deliveries("pacs", clock.now(), 10)
    assert lost.object.sop_instance_uid == due[2].object.sop_instance_uid
    assert "0112" in lost.confirmation
    assert node.study_state() is StudyState.SCORED

    assert list(send(destination(node.orthanc.port), [lost.object])) == [
        Delivered("0000")
    ]
    node.ledger.delivered(lost.identifier, "0000", clock.now())
    asking.sweep()
    eventually(lambda: node.study_state() is StudyState.COMMITTED)


def test_orthanc_is_told_what_the_node_keeps_and_what_not(node: Node) -> None:
    paths = write_files(node.folder / "sent", pet_datasets(slices=3))
    sent = send_files(destination(node.port, called="NODE"), paths[:2])
    assert [outcome for _, outcome in sent] == [Delivered("0000")] * 2
    objects = [result_object(path) for path in paths]
    asked = node.post(
        "modalities/node/storage-commitment",
        {
            "DicomInstances": [
                [each.sop_class_uid, each.sop_instance_uid] for each in objects
            ]
        },
    )

    for each in node.commitments.answering:
        each.sweep()

    path = f"storage-commitment/{asked['ID']}"
    eventually(lambda: node.orthanc.get(path)["Status"] != "Pending")
    told = node.orthanc.get(path)
    assert told["Status"] == "Failure"
    assert [each["SOPInstanceUID"] for each in told["Success"]] == [
        each.sop_instance_uid for each in objects[:2]
    ]
    [failure] = told["Failures"]
    assert failure["SOPInstanceUID"] == objects[2].sop_instance_uid
    assert failure["FailureReason"] == 0x0112


def test_the_service_answers_a_scanner_and_confirms_its_results(tmp_path: Path) -> None:
    port, scanner_port = free_port(), free_port()
    archive = CommittingArchive((port, NODE_AE))
    paths = write_study(tmp_path / "study")
    with archive.running(), scanner_listening(port=scanner_port) as (_, reports):
        config = write_config(
            tmp_path,
            port,
            archive_port=archive.port,
            extra=f"""
[[peers]]
name = "scanner"
ae_title = "SCANNER"
port = {scanner_port}

[[peers]]
name = "archive"
ae_title = "ARCHIVE"

[[peers]]
name = "tester"
ae_title = "TESTER"
""",
        )
        text = config.read_text()
        config.write_text(text.replace('ae_title = "ARCHIVE"', _CONFIRMED, 1))
        with running(config, port):
            store(port, paths)
            objects = [result_object(path) for path in paths]
            pairs = [(each.sop_class_uid, each.sop_instance_uid) for each in objects]
            assert ask(port, question("1.9.9", *pairs), called=NODE_AE) == 0x0000
            [came] = reports.wait(1)
            assert came.committed == pairs
            wait_for_state(config, STUDY_UID, "committed")
    assert set(archive.statuses) == {0x0000}
