"""What an object may demand of its reader.

Design choice: limits are enforced where an object gets in, when its header is read
(`dicom_io.header`): on what the bytes are, by a walk through all heads of elements
(`dicom_io.structure`), and on what the header declares, before any pixel is
decompressed. What demands too much gets no header, and what has no header is given to
no other reader. So those that compute take no limits, and lose no time on them.
"""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.lenient import attribute_integer, attribute_uid

_MEGABYTE = 1 << 20
_BITS = 8


@dataclass(frozen=True)
class ReadingLimits:
    """What an object may demand.

    Attributes
    ----------
    elements : int
        Data elements, items of sequences and fragments of pixel data, at all levels
        together. Each takes about a kilobyte of memory once it is read.
    nesting : int
        Sequences within sequences.
    frames : int
        *Number of Frames* (0028,0008).
    pixel_bytes : int
        Memory that the pixels take once decompressed, a byte at least for each.
    object_bytes : int
        Of the file, and of a deflated data set once inflated.
    """

    elements: int = 2_000_000
    nesting: int = 32
    frames: int = 100_000
    pixel_bytes: int = 4096 * _MEGABYTE
    object_bytes: int = 2048 * _MEGABYTE


DEFAULT_LIMITS = ReadingLimits()
"""Far above what scanners write, and far below what a machine has no room for."""


def require_modest_pixels(dataset: Dataset, limits: ReadingLimits) -> None:
    """Refuse an image that declares more frames or pixels than are allowed.

    A value that is no number declares nothing; the reader of the pixels refuses it.

    Parameters
    ----------
    dataset : Dataset
        Pixel data are not looked at and may be missing.
    limits : ReadingLimits

    Raises
    ------
    LimitExceededError
    """
    uid = attribute_uid(dataset, "SOPInstanceUID")
    frames = _declared(dataset, "NumberOfFrames", 1)
    if frames > limits.frames:
        fact = f"the object declares more than {limits.frames} frames"
        raise LimitExceededError(fact, "frames", uid=uid)
    cell_bits = max(_declared(dataset, "BitsAllocated", _BITS), _BITS)
    pixels = _declared(dataset, "Rows", 0) * _declared(dataset, "Columns", 0)
    values = pixels * frames * _declared(dataset, "SamplesPerPixel", 1)
    if values * cell_bits > limits.pixel_bytes * _BITS:
        fact = f"its pixels would take more than {limits.pixel_bytes} bytes"
        raise LimitExceededError(fact, "pixels_mb", uid=uid)


def _declared(dataset: Dataset, keyword: str, otherwise: int) -> int:
    value = attribute_integer(dataset, keyword)
    return otherwise if value is None or value < 0 else value


class LimitExceededError(DicomContentError):
    """An object demands more than the limits allow.

    Attributes
    ----------
    limit : str
        Its name among the settings ``[limits]``.
    """

    reason = "beyond_limits"

    def __init__(self, fact: str, limit: str, *, uid: str | None = None) -> None:
        super().__init__(fact, uid=uid)
        self.limit = limit

    @property
    def remedy(self) -> str:  # type: ignore[override] # names the limit
        """What a person can do about it."""
        return f"If the object is wanted, raise limits.{self.limit}."
