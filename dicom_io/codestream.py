"""What a compressed frame says of its own size (PS3.5 A.4).

A decoder makes room for what the compressed stream says, which need not be what the
object says. So the two are compared before a decoder sees the stream.

References
----------
* ITU-T T.81 B.2.2 (JPEG frame header), T.87 C.2.2 (JPEG-LS), T.800 A.5.1 (JPEG 2000
  image and tile size), T.800 I.4 (boxes of a JP2 file).
"""

import struct

from pydicom.uid import JPEG2000TransferSyntaxes, RLELossless

_GREATEST_GROWTH = 2
"""Lossless streams are smaller than what they hold; the worst are hardly larger."""
_ROOM_FOR_HEADERS = 1 << 16
_CODESTREAM = b"\xff\x4f\xff\x51"
_JP2 = b"\0\0\0\x0cjP  "
_SIZE = struct.Struct(">2xHH8L3H")
_FRAME = struct.Struct(">BHHB")
_FRAMES = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""
_SCAN = 0xDA


def fault_of_stream(
    stream: bytes, transfer_syntax: str, shape: tuple[int, int], cell_bytes: int
) -> str | None:
    """Return why a compressed frame is not to be decoded, or None.

    Parameters
    ----------
    stream : bytes
        All fragments of the frame.
    transfer_syntax : str
        UID.
    shape : tuple of int
        (rows, columns) of the object.
    cell_bytes : int
        Of a stored value.
    """
    most = shape[0] * shape[1] * cell_bytes * _GREATEST_GROWTH + _ROOM_FOR_HEADERS
    if len(stream) > most:
        return f"{len(stream)} compressed bytes are too many for a frame"
    # RLE has no size of its own.
    return (
        None
        if transfer_syntax == RLELossless
        else _size_fault(stream, transfer_syntax, shape)
    )


def _size_fault(
    stream: bytes, transfer_syntax: str, shape: tuple[int, int]
) -> str | None:
    try:
        is_jpeg_2000 = transfer_syntax in JPEG2000TransferSyntaxes
        size = _jpeg_2000_size(stream) if is_jpeg_2000 else _jpeg_size(stream)
    except (struct.error, IndexError):
        size = None
    if size is None:
        return "the compressed frame does not say how large it is"
    if size != (*shape, 1):
        rows, columns, samples = size
        return f"the compressed frame says {rows} x {columns} pixels of {samples}"
    return None


def _jpeg_2000_size(stream: bytes) -> tuple[int, int, int] | None:
    """Return rows, columns and samples."""
    start = _boxed(stream) if stream.startswith(_JP2) else 0
    if stream[start : start + len(_CODESTREAM)] != _CODESTREAM:
        return None
    _, _, right, bottom, left, top, *_, samples = _SIZE.unpack_from(stream, start + 2)[
        :11
    ]
    return bottom - top, right - left, samples


def _boxed(stream: bytes) -> int:
    """Return where the codestream begins in a JP2 file; its end where it has none."""
    at = 0
    while at + 8 <= len(stream):
        length, kind = struct.unpack_from(">L4s", stream, at)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", stream, at + head)
            head = 16
        if kind == b"jp2c":
            return at + head
        if length < head:
            break
        at += length
    return len(stream)


def _jpeg_size(stream: bytes) -> tuple[int, int, int] | None:
    """Return rows, columns and samples, of JPEG or JPEG-LS."""
    at = 2 if stream.startswith(b"\xff\xd8") else len(stream)
    while at + 4 <= len(stream) and stream[at] == 0xFF:  # noqa: PLR2004 - a marker
        marker = stream[at + 1]
        if marker in _FRAMES:
            _, rows, columns, samples = _FRAME.unpack_from(stream, at + 4)
            return rows, columns, samples
        if marker == _SCAN:
            return None
        if marker == 0xFF:  # noqa: PLR2004 - fill
            at += 1
        elif marker in _ALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return None
