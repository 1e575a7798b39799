"""The node's edges against programs that others wrote: DCMTK and Orthanc."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.filereader import dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from node.association.listener import OUT_OF_RESOURCES, STORED, Listener, SinkAnswer
from node.association.received import ReceivedObject
from node.association.sender import (
    Deferred,
    Delivered,
    Outcome,
    Refused,
    send,
    send_files,
    verify,
)
from node.instance_store import InstanceStore, StoredFile
from tests.support.archives import orthanc
from tests.support.peers import (
    HOST,
    dataset_bytes,
    destination,
    in_syntax,
    listener_options,
    result_object,
    storescp,
    storescu,
    write_files,
)
from tests.support.pet import pet_datasets
from tests.support.tools import require_tool

pytestmark = pytest.mark.system


class StoringNode:
    """A listener that stores, as the node does before it writes the ledger."""

    def __init__(self, folder: Path) -> None:
        self.store = InstanceStore(folder)
        self.stored: list[StoredFile] = []
        self.listener = Listener(listener_options(), self._sink)

    def _sink(self, received: ReceivedObject) -> SinkAnswer:
        self.stored.append(self.store.write(received.file_meta, received.dataset))
        return STORED

    def paths(self) -> list[Path]:
        return [self.store.absolute(item.path) for item in self.stored]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[StoringNode]:
    storing = StoringNode(tmp_path / "data")
    storing.listener.start()
    yield storing
    storing.listener.stop()


@pytest.fixture
def slices(tmp_path: Path) -> list[Path]:
    return write_files(tmp_path / "sent", pet_datasets(slices=3))


def outcomes(port: int, paths: list[Path], *, timeout_s: float = 10.0) -> list[Outcome]:
    objects = [result_object(path) for path in paths]
    return list(send(destination(port, timeout_s=timeout_s), objects))


# Receiving from DCMTK.


def test_echoscu_finds_the_node(node: StoringNode) -> None:
    command = [
        require_tool("echoscu"),
        "-aec",
        "NODE",
        HOST,
        str(node.listener.port),
    ]

    assert subprocess.run(command, check=False, timeout=30).returncode == 0


def test_echoscu_is_told_when_it_calls_the_wrong_node(node: StoringNode) -> None:
    command = [
        require_tool("echoscu"),
        "-aec",
        "OTHER",
        HOST,
        str(node.listener.port),
    ]

    result = subprocess.run(
        command, check=False, timeout=30, capture_output=True, text=True
    )

    assert result.returncode != 0
    assert "Called AE Title Not Recognized" in result.stderr


def test_a_series_of_a_stock_sender_does_not_wait_for_timers(
    tmp_path: Path, node: StoringNode
) -> None:
    paths = write_files(
        tmp_path / "sent", pet_datasets(slices=159, rows=128, columns=128)
    )

    begun = time.monotonic()
    result = storescu(node.listener.port, [tmp_path / "sent"], "+sd")
    took_s = time.monotonic() - begun

    assert result.returncode == 0, result.stderr
    sent = {dcmread(path).SOPInstanceUID: dcmread(path) for path in paths}
    received = {dcmread(path).SOPInstanceUID: dcmread(path) for path in node.paths()}
    assert received == sent
    # Where acknowledgements are delayed, each instance waits 44 ms for a timer.
    assert took_s < 159 * 0.044 / 2


@pytest.mark.parametrize(
    ("option", "transfer_syntax"),
    [
        ("-xi", ImplicitVRLittleEndian),
        ("-xd", DeflatedExplicitVRLittleEndian),
        ("-xr", RLELossless),
        ("-xt", JPEGLSLossless),
    ],
)
def test_storescu_sends_in_each_encoding_and_the_pixels_come_through(
    tmp_path: Path, node: StoringNode, option: str, transfer_syntax: str
) -> None:
    (dataset,) = pet_datasets(slices=1)
    plain = dataset.pixel_array.copy()
    if option in {"-xr", "-xt"}:
        dataset.compress(transfer_syntax, generate_instance_uid=False)
    else:
        dataset = in_syntax(dataset, transfer_syntax)
    paths = write_files(tmp_path / "sent", [dataset])

    result = storescu(node.listener.port, paths, "-R", option)

    assert result.returncode == 0, result.stderr
    (path,) = node.paths()
    stored = dcmread(path)
    assert stored.file_meta.TransferSyntaxUID == transfer_syntax
    assert (stored.pixel_array == plain).all()


def test_jpeg_lossless_of_dcmtk_comes_through_byte_for_byte(
    tmp_path: Path, node: StoringNode, slices: list[Path]
) -> None:
    packed = tmp_path / "packed.dcm"
    compress = [require_tool("dcmcjpeg"), "+e1", str(slices[0]), str(packed)]
    subprocess.run(compress, check=True, timeout=30)

    result = storescu(node.listener.port, [packed], "-R", "-xs")

    assert result.returncode == 0, result.stderr
    (path,) = node.paths()
    stored = dcmread(path)
    assert stored.file_meta.TransferSyntaxUID == JPEGLosslessSV1
    assert stored.PixelData == dcmread(packed).PixelData
    assert (stored.pixel_array == dcmread(slices[0]).pixel_array).all()


def test_storescu_that_aborts_leaves_whole_objects_only(
    node: StoringNode, slices: list[Path]
) -> None:
    storescu(node.listener.port, slices, "--abort")

    assert [dcmread(path).SOPInstanceUID for path in node.paths()] == [
        dcmread(path).SOPInstanceUID for path in slices
    ]
    remains = list((node.store.root / "incoming").iterdir())
    assert remains == []


def test_storescu_learns_that_the_disk_is_full(slices: list[Path]) -> None:
    listener = Listener(listener_options(), lambda _: OUT_OF_RESOURCES)
    listener.start()
    try:
        result = storescu(listener.port, slices[:1])
    finally:
        listener.stop()

    assert "Refused: OutOfResources" in result.stdout + result.stderr


# Sending to DCMTK.


def test_storescp_stores_what_is_sent_byte_for_byte(
    tmp_path: Path, slices: list[Path]
) -> None:
    with storescp(tmp_path / "pacs", "+B", "-xf", *_every_syntax(tmp_path)) as pacs:
        assert verify(HOST, pacs.port, "PACS", "NODE", 5.0) == ""
        assert outcomes(pacs.port, slices) == [Delivered("0000")] * 3

        stored = {dcmread(path).SOPInstanceUID: path for path in pacs.files()}

    for path in slices:
        match = stored[dcmread(path).SOPInstanceUID]
        assert dataset_bytes(match) == dataset_bytes(path)


def _every_syntax(tmp_path: Path) -> tuple[str, str]:
    """Return a configuration that lets storescp write data sets as they come."""
    profile = tmp_path / "storescp.cfg"
    profile.write_text(
        "[[TransferSyntaxes]]\n[Plain]\n"
        "TransferSyntax1 = LittleEndianExplicit\n"
        "TransferSyntax2 = LittleEndianImplicit\n"
        "[[PresentationContexts]]\n[Storage]\n"
        "PresentationContext1 = PositronEmissionTomographyImageStorage\\Plain\n"
        "PresentationContext2 = VerificationSOPClass\\Plain\n"
        "[[Profiles]]\n[Default]\nPresentationContexts = Storage\n"
    )
    return str(profile), "Default"


def test_storescp_that_refuses_the_association_is_a_persons_business(
    tmp_path: Path, slices: list[Path]
) -> None:
    with storescp(tmp_path / "pacs", "--refuse") as pacs:
        found = outcomes(pacs.port, slices)
        why = verify(HOST, pacs.port, "PACS", "NODE", 5.0)

    assert all(isinstance(outcome, Refused) for outcome in found)
    assert "rejects the association" in why


@pytest.mark.parametrize("option", ["--abort-after", "--abort-during"])
def test_storescp_that_aborts_is_tried_later(
    tmp_path: Path, slices: list[Path], option: str
) -> None:
    with storescp(tmp_path / "pacs", option) as pacs:
        found = outcomes(pacs.port, slices, timeout_s=5.0)

    assert [type(outcome) for outcome in found] == [Deferred] * 3


def test_storescp_that_is_too_slow_is_tried_later(
    tmp_path: Path, slices: list[Path]
) -> None:
    with storescp(tmp_path / "pacs", "--sleep-during", "3") as pacs:
        (outcome,) = outcomes(pacs.port, slices[:1], timeout_s=0.5)

    assert isinstance(outcome, Deferred)
    assert "no answer" in outcome.why


def test_storescp_without_the_encoding_refuses_the_object_in_words(
    tmp_path: Path,
) -> None:
    dataset, other = pet_datasets(slices=2)
    dataset.compress(RLELossless, generate_instance_uid=False)
    paths = write_files(tmp_path / "sent", [dataset, other])

    with storescp(tmp_path / "pacs") as pacs:
        found = outcomes(pacs.port, paths)

    assert isinstance(found[0], Refused)
    assert "RLE Lossless" in found[0].status
    assert found[1] == Delivered("0000")


# Sending to Orthanc.


def test_orthanc_stores_what_is_sent(tmp_path: Path, slices: list[Path]) -> None:
    with orthanc(tmp_path / "orthanc") as pacs:
        assert verify(HOST, pacs.port, "PACS", "NODE", 5.0) == ""
        found = [outcome for _, outcome in send_files(destination(pacs.port), slices)]
        again = outcomes(pacs.port, slices)
        identifiers = pacs.get("instances")
        stored = [pacs.file(identifier) for identifier in identifiers]

    assert found == [Delivered("0000")] * 3
    assert again == [Delivered("0000")] * 3
    bodies = {dataset_bytes(path) for path in slices}
    assert {next(b for b in bodies if content.endswith(b)) for content in stored} == (
        bodies
    )


def test_orthanc_under_another_ae_title_refuses_in_words(
    tmp_path: Path, slices: list[Path]
) -> None:
    with orthanc(tmp_path / "orthanc", DicomAet="OTHER") as pacs:
        found = outcomes(pacs.port, slices)
        why = verify(HOST, pacs.port, "PACS", "NODE", 5.0)

    assert all(isinstance(outcome, Refused) for outcome in found)
    assert "called ae title not recognised" in why
