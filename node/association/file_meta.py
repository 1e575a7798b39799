"""The head of the files that received objects become (PS3.10 section 7.1).

Design choice: it is put together from bytes, not from a pydicom data set: it is the
same for all objects of a class and a syntax but for one UID.
"""

import struct
from functools import lru_cache

from pynetdicom import (
    PYNETDICOM_IMPLEMENTATION_UID,
    PYNETDICOM_IMPLEMENTATION_VERSION,
)

_PREAMBLE = bytes(128) + b"DICM"
_SHORT = struct.Struct("<HH2sH")
_LONG = struct.Struct("<HH2s2xL")
_GROUP_LENGTH = struct.Struct("<HH2sHL")


def file_meta(
    sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str
) -> bytes:
    """Return preamble, prefix and file meta information.

    Parameters
    ----------
    sop_class_uid, sop_instance_uid, transfer_syntax_uid : str
        ASCII.
    """
    before, after = _around_instance(sop_class_uid, transfer_syntax_uid)
    elements = before + _uid(0x0003, sop_instance_uid) + after
    length = _GROUP_LENGTH.pack(0x0002, 0x0000, b"UL", 4, len(elements))
    return _PREAMBLE + length + elements


@lru_cache(maxsize=256)
def _around_instance(
    sop_class_uid: str, transfer_syntax_uid: str
) -> tuple[bytes, bytes]:
    version = PYNETDICOM_IMPLEMENTATION_VERSION.encode("ascii")
    before = _LONG.pack(0x0002, 0x0001, b"OB", 2) + b"\x00\x01"
    after = (
        _uid(0x0010, transfer_syntax_uid)
        + _uid(0x0012, str(PYNETDICOM_IMPLEMENTATION_UID))
        + _element(0x0013, b"SH", version + b" " * (len(version) % 2))
    )
    return before + _uid(0x0002, sop_class_uid), after


def _uid(element: int, uid: str) -> bytes:
    value = uid.encode("ascii")
    return _element(element, b"UI", value + b"\0" * (len(value) % 2))


def _element(element: int, vr: bytes, value: bytes) -> bytes:
    return _SHORT.pack(0x0002, element, vr, len(value)) + value
