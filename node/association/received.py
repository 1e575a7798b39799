"""What a peer handed over by C-STORE, and whether it is what the peer said it is.

Design choice: the SOP Class and Instance UID of the command are compared with those in
the data set. Only the elements up to *SOP Instance UID* (0008,0018) are decoded; pixel
data is not touched, and the bytes that are kept are the bytes that came.
"""

import zlib
from dataclasses import dataclass
from io import BytesIO

from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

_SOP_INSTANCE_UID = 0x00080018
_HEAD_SIZE = 1 << 16
"""Bytes of a deflated data set that are inflated to see its identity."""


class DataSetMismatchError(Exception):
    """The data set is another object than the command says (PS3.4 B.2.3, A9xx)."""


class UnintelligibleDataSetError(Exception):
    """The data set does not follow its transfer syntax (PS3.4 B.2.3, Cxxx)."""


@dataclass(frozen=True)
class ReceivedObject:
    """An object as it came.

    Attributes
    ----------
    sop_class_uid, sop_instance_uid : str
        As announced in the C-STORE command, and as found in the data set.
    transfer_syntax_uid : str
        As negotiated.
    file_meta : bytes
        Preamble, prefix and file meta information, ours (PS3.10 section 7.1).
    dataset : bytes
        The peer's bytes, unaltered.
    calling_ae, called_ae : str
        AE titles of the association.
    peer_address : str
        IP address of the sender.
    """

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    file_meta: bytes
    dataset: bytes
    calling_ae: str
    called_ae: str
    peer_address: str

    @property
    def part10(self) -> bytes:
        """The whole DICOM file."""
        return self.file_meta + self.dataset

    def check_identity(self) -> None:
        """Compare what the command announced with what the data set holds.

        Raises
        ------
        DataSetMismatchError
            The UIDs differ.
        UnintelligibleDataSetError
            The first elements cannot be read, or an UID is missing.
        """
        announced = (self.sop_class_uid, self.sop_instance_uid)
        held = _identity(self.dataset, UID(self.transfer_syntax_uid))
        if held != announced:
            fact = "SOP Class or Instance UID differs between command and data set"
            raise DataSetMismatchError(fact)


def _identity(dataset: bytes, transfer_syntax: UID) -> tuple[str, str]:
    """Return SOP Class UID and SOP Instance UID of an encoded data set."""
    try:
        if transfer_syntax.is_deflated:
            dataset = zlib.decompressobj(-zlib.MAX_WBITS).decompress(
                dataset, _HEAD_SIZE
            )
        head = read_dataset(
            BytesIO(dataset),
            is_implicit_VR=transfer_syntax.is_implicit_VR,
            is_little_endian=True,
            stop_when=_after_identity,
        )
        return str(head.SOPClassUID), str(head.SOPInstanceUID)
    # pydicom raises whatever the bytes happen to break; the peer is told one thing.
    except Exception as failure:
        fact = "the data set cannot be read in its transfer syntax"
        raise UnintelligibleDataSetError(fact) from failure


def _after_identity(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return int(tag) > _SOP_INSTANCE_UID
