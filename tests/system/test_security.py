"""The node's door against programs that others wrote: openssl, DCMTK and Orthanc."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from pydicom import dcmread
from pydicom.uid import CTImageStorage, PositronEmissionTomographyImageStorage

from node.association.admission import Admission
from node.association.listener import Listener
from node.association.sop_classes import RECEIVED_SOP_CLASSES
from node.association.storing import STORED, SinkAnswer
from node.records.refused import Refusal
from node.security.access import AccessRules, Peer, networks
from node.security.tls import TlsOptions
from tests.support.archives import Orthanc, orthanc
from tests.support.certificates import Authority, Identity
from tests.support.documents import ROOT, blocks_of, run_block
from tests.support.peers import (
    HOST,
    PATIENCE_S,
    listener_options,
    storescu,
    write_files,
)
from tests.support.pet import pet_datasets
from tests.support.tools import require_tool

if TYPE_CHECKING:
    from node.association.received import ReceivedObject

pytestmark = pytest.mark.system

_PET = PositronEmissionTomographyImageStorage


class Guarded:
    """A listener that knows its peers, what it stored and what it refused."""

    def __init__(self, tls: TlsOptions | None, *peers: Peer) -> None:
        self.stored: list[str] = []
        self.refusals: list[Refusal] = []
        self._told = threading.Event()
        admission = Admission(
            AccessRules("NODE", peers=peers), RECEIVED_SOP_CLASSES, self._refuse
        )
        self.listener = Listener(
            listener_options(tls=tls), self._store, [admission.service], self._refuse
        )

    @property
    def port(self) -> int:
        return self.listener.port

    def why(self) -> str:
        """Return why the only refusal was made; wait for it."""
        assert self._told.wait(PATIENCE_S)
        (only,) = self.refusals
        return f"{only.status} {only.why}"

    def _store(self, received: "ReceivedObject") -> SinkAnswer:
        self.stored.append(received.sop_instance_uid)
        return STORED

    def _refuse(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)
        self._told.set()


@contextmanager
def guarded(tls: TlsOptions | None, *peers: Peer) -> Iterator[Guarded]:
    node = Guarded(tls, *peers)
    node.listener.start()
    try:
        yield node
    finally:
        node.listener.stop()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def slices(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_files(tmp_path_factory.mktemp("sent"), pet_datasets(slices=3))


@pytest.fixture(scope="module")
def ours(authority: Authority) -> TlsOptions:
    return authority.options("node")


def over_tls(who: Identity, ca: Path) -> list[str]:
    return ["+tls", str(who.key), str(who.certificate), "+cf", str(ca)]


def uids(paths: list[Path]) -> list[str]:
    return [str(dcmread(path).SOPInstanceUID) for path in paths]


def test_the_page_s_commands_make_certificates_that_let_storescu_in(
    tmp_path: Path, slices: list[Path]
) -> None:
    require_tool("openssl")
    page = (ROOT / "docs" / "security.md").read_text()
    (block,) = [each for each in blocks_of(page) if "openssl" in each.text]
    assert "node.crt: OK" in run_block(block, tmp_path)
    certificate, key = tmp_path / "node.crt", tmp_path / "node.key"
    ca = tmp_path / "authority.crt"

    with guarded(TlsOptions(certificate, key, ca=ca)) as node:
        sent = storescu(node.port, slices, *over_tls(Identity(certificate, key), ca))

    assert sent.returncode == 0, sent.stderr
    assert node.stored == uids(slices)
    assert key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("self-signed", "authority that is not believed"),
        ("expired", "has expired"),
        ("anonymous", "shows no certificate"),
        ("plain", "without TLS"),
    ],
)
def test_storescu_without_a_right_certificate_stores_nothing(
    tmp_path: Path,
    authority: Authority,
    ours: TlsOptions,
    slices: list[Path],
    case: str,
    words: str,
) -> None:
    options: list[str] = []
    if case == "anonymous":
        options = ["+tla", "+cf", str(authority.certificate)]
    elif case != "plain":
        issuer = authority if case == "expired" else Authority(tmp_path, "own")
        who = issuer.issue("stranger", ends_in_days=-1 if case == "expired" else 9)
        options = over_tls(who, authority.certificate)

    with guarded(ours) as node:
        sent = storescu(node.port, slices, *options)

        assert words in node.why()
    assert sent.returncode != 0
    assert node.stored == []


def test_storescu_does_not_store_into_a_node_that_it_does_not_believe(
    tmp_path: Path, authority: Authority, ours: TlsOptions, slices: list[Path]
) -> None:
    who = authority.issue("scanner")
    other = Authority(tmp_path, "other")

    with guarded(ours) as node:
        sent = storescu(node.port, slices, *over_tls(who, other.certificate))

        assert "TLS" in node.why()
    assert sent.returncode != 0
    assert node.stored == []


def test_a_tls_storescu_at_a_plain_port_stores_nothing(
    authority: Authority, slices: list[Path]
) -> None:
    who = authority.issue("scanner")

    with guarded(None) as node:
        sent = storescu(node.port, slices, *over_tls(who, authority.certificate))

        assert "tls.listen" in node.why()
    assert sent.returncode != 0


@pytest.mark.parametrize(
    ("peer", "words"),
    [
        (Peer("other", "OTHER"), "RJ 1/1/3 no [[peers]]"),
        (
            Peer("far", "STORESCU", networks(["203.0.113.0/24"])),
            "RJ 1/1/3 no peer of this title may connect from 127.0.0.1",
        ),
        (
            Peer("ct only", "STORESCU", sop_classes=frozenset([CTImageStorage])),
            "may send none of the classes",
        ),
    ],
)
def test_storescu_that_is_not_let_in_stores_nothing(
    slices: list[Path], peer: Peer, words: str
) -> None:
    with guarded(None, peer) as node:
        # Of the classes that it knows, it offers those alone that it sends.
        sent = storescu(node.port, slices, "-R")

        assert words in node.why()
    assert sent.returncode != 0
    assert node.stored == []


def test_storescu_learns_which_class_it_may_not_send(slices: list[Path]) -> None:
    peer = Peer("ct only", "STORESCU", sop_classes=frozenset([CTImageStorage]))

    with guarded(None, peer) as node:
        sent = storescu(node.port, slices)

    assert sent.returncode != 0
    assert "No presentation context" in sent.stdout + sent.stderr
    assert node.stored == []


def test_orthanc_stores_over_tls_and_is_refused_without_it(
    tmp_path: Path, authority: Authority, ours: TlsOptions, slices: list[Path]
) -> None:
    its = authority.issue("orthanc")
    with guarded(ours, Peer("archive", "PACS")) as node:
        modality = {"AET": "NODE", "Host": HOST, "Port": node.port}
        with orthanc(
            tmp_path / "orthanc",
            DicomTlsCertificate=str(its.certificate),
            DicomTlsPrivateKey=str(its.key),
            DicomTlsTrustedCertificates=str(authority.certificate),
            DicomModalities={
                "secure": {**modality, "UseDicomTls": True},
                "plain": modality,
            },
        ) as archive:
            for path in slices:
                post(archive, "instances", path.read_bytes())
            identifiers = json.dumps(archive.get("instances")).encode()
            post(archive, "modalities/secure/store", identifiers)
            with pytest.raises(HTTPError):
                post(archive, "modalities/plain/store", identifiers)

        assert "without TLS" in node.why()
    assert sorted(node.stored) == sorted(uids(slices))


def post(archive: Orthanc, path: str, content: bytes) -> None:
    """Call Orthanc's REST interface."""
    url = f"http://{HOST}:{archive.http_port}/{path}"
    with urlopen(Request(url, content), timeout=PATIENCE_S) as answer:
        answer.read()


def test_a_peer_stores_what_it_may(slices: list[Path]) -> None:
    scanner = Peer(
        "scanner", "STORESCU", networks([HOST]), sop_classes=frozenset([_PET])
    )

    with guarded(None, scanner) as node:
        sent = storescu(node.port, slices)

    assert sent.returncode == 0, sent.stderr
    assert node.stored == uids(slices)


@pytest.mark.parametrize(
    ("protocol", "outcome"),
    [("-tls1_1", "alert"), ("-tls1_2", "ESTABLISHED"), ("-tls1_3", "ESTABLISHED")],
)
def test_openssl_agrees_on_tls_1_2_and_newer_alone(
    authority: Authority, ours: TlsOptions, protocol: str, outcome: str
) -> None:
    who = authority.issue("openssl")

    with guarded(ours) as node:
        command = [
            require_tool("openssl"),
            "s_client",
            protocol,
            "-brief",
            "-cipher",
            "ALL:@SECLEVEL=0",
            "-cert",
            str(who.certificate),
            "-key",
            str(who.key),
            "-CAfile",
            str(authority.certificate),
            "-connect",
            f"{HOST}:{node.port}",
        ]
        done = subprocess.run(
            command, input=b"", capture_output=True, timeout=30, check=False
        )

    assert outcome in done.stderr.decode()
