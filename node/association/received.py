"""What a peer handed over by C-STORE, and whether it is what the peer said it is.

Design choice: the SOP Class and Instance UID of the command are compared with those in
the data set. Only the elements up to *SOP Instance UID* (0008,0018) are decoded; pixel
data is not touched, and the bytes that are kept are the bytes that came.

Design choice: nearly every object begins with a few short elements in ascending order,
among them the two UIDs just as announced. That is seen by walking over their lengths,
which takes a hundredth of the time that pydicom takes. Whatever else an object begins
with is judged by pydicom.
"""

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID, ImplicitVRLittleEndian

from node.association.gathering import Content

_SOP_CLASS_UID = 0x00080016
_SOP_INSTANCE_UID = 0x00080018
_EXPLICIT = struct.Struct("<HH2sH")
_IMPLICIT = struct.Struct("<HHL")
_LENGTH = struct.Struct("<L")
_UNDEFINED_LENGTH = 0xFFFFFFFF
_SHORT_VRS = frozenset(
    b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split()
)
_LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_PLAIN_UID = re.compile(rb"[0-9.]{1,64}")
_WALKED_ELEMENTS = 64
_Read = Callable[[Content, int], tuple[int, int, int]]
_HEAD_SIZE = 1 << 20
"""Bytes of a data set in which its identity must lie, as it came and inflated."""


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
    dataset : bytes or mmap
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
    dataset: Content
    calling_ae: str
    called_ae: str
    peer_address: str

    @property
    def part10(self) -> bytes:
        """The whole DICOM file."""
        return b"".join((self.file_meta, self.dataset))

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
        if _is_plainly(announced, self.dataset, self.transfer_syntax_uid):
            return
        held = _identity(self.dataset, UID(self.transfer_syntax_uid))
        if held != announced:
            fact = "SOP Class or Instance UID differs between command and data set"
            raise DataSetMismatchError(fact)


def _is_plainly(
    announced: tuple[str, str], dataset: Content, transfer_syntax: str
) -> bool:
    """Return whether a data set begins as nearly all do, with the UIDs announced.

    A deflated one does not; it is inflated first.
    """
    try:
        held = _walked(
            dataset,
            _implicit if transfer_syntax == ImplicitVRLittleEndian else _explicit,
        )
    except (struct.error, ValueError):
        return False
    found = (held.get(_SOP_CLASS_UID, b""), held.get(_SOP_INSTANCE_UID, b""))
    return all(
        _PLAIN_UID.fullmatch(value) and value.decode("ascii") == name
        for value, name in zip(found, announced, strict=True)
    )


def _walked(dataset: Content, read: _Read) -> dict[int, bytes]:
    """Return the two UIDs as encoded, without their padding, by tag.

    Raises
    ------
    struct.error
    ValueError
        The first elements are no plain ones in ascending order.
    """
    held: dict[int, bytes] = {}
    place, before = 0, 0
    for _ in range(_WALKED_ELEMENTS):
        tag, place, length = read(dataset, place)
        if tag <= before or length > len(dataset) - place:
            raise ValueError
        if tag > _SOP_INSTANCE_UID:
            return held
        if tag in (_SOP_CLASS_UID, _SOP_INSTANCE_UID):
            held[tag] = dataset[place : place + length].rstrip(b"\0 ")
        place += length
        before = tag
    raise ValueError


def _explicit(dataset: Content, place: int) -> tuple[int, int, int]:
    """Return tag, place of the value and its length, of an element with its VR."""
    group, element, vr, length = _EXPLICIT.unpack_from(dataset, place)
    place += _EXPLICIT.size
    if vr in _LONG_VRS:
        length = _LENGTH.unpack_from(dataset, place)[0]
        place += _LENGTH.size
    elif vr not in _SHORT_VRS:
        raise ValueError
    if length == _UNDEFINED_LENGTH:
        raise ValueError
    return group << 16 | element, place, length


def _implicit(dataset: Content, place: int) -> tuple[int, int, int]:
    """Return tag, place of the value and its length, of an element without its VR."""
    group, element, length = _IMPLICIT.unpack_from(dataset, place)
    if length == _UNDEFINED_LENGTH:
        raise ValueError
    return group << 16 | element, place + _IMPLICIT.size, length


def _identity(dataset: Content, transfer_syntax: UID) -> tuple[str, str]:
    """Return SOP Class UID and SOP Instance UID of an encoded data set."""
    head_bytes = dataset[:_HEAD_SIZE]
    try:
        if transfer_syntax.is_deflated:
            head_bytes = zlib.decompressobj(-zlib.MAX_WBITS).decompress(
                head_bytes, _HEAD_SIZE
            )
        head = read_dataset(
            BytesIO(head_bytes),
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
