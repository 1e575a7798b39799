"""Deflated data sets, which may inflate a thousandfold (PS3.5 A.5).

Design choice: what is inflated lies in memory while it is small, in a nameless file
beyond that. A few received kilobytes then cost the node no gigabyte of memory.
"""

import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from dicom_io.limits import LimitExceededError, ReadingLimits
from dicom_io.unreadable import UnreadableObjectError

_IN_MEMORY_BYTES = 1 << 26
_CHUNK_BYTES = 1 << 20


@contextmanager
def inflated_data_set(
    file: BinaryIO, limits: ReadingLimits | None
) -> Iterator[BinaryIO]:
    """Give the data set that a file holds deflated from where it stands.

    Raises
    ------
    UnreadableObjectError, LimitExceededError, zlib.error
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as inflated:
        _inflate(file, inflated, limits)
        inflated.seek(0)
        yield cast("BinaryIO", inflated)


def _inflate(file: BinaryIO, inflated: IO[bytes], limits: ReadingLimits | None) -> None:
    room = sys.maxsize if limits is None else limits.object_bytes
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    while not inflater.eof:
        deflated = inflater.unconsumed_tail or file.read(_CHUNK_BYTES)
        data = inflater.decompress(deflated, _CHUNK_BYTES)
        if not deflated and not data:
            fact = "the deflated data set has no end"
            raise UnreadableObjectError(fact)
        room -= len(data)
        if room < 0:
            fact = "the data set is too large when it is inflated"
            raise LimitExceededError(fact, "object_mb")
        inflated.write(data)
