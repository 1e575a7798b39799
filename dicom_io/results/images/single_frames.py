"""A series of single-frame images, an instance a slice, encoded in one go.

Design choice: what all instances have in common is encoded once, and each instance is
put together of that and of its own few elements. The bytes are those of a data set that
holds both, encoded by itself; a series of 159 slices takes a twentieth of the time.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from struct import pack, unpack

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from dicom_io.encoding import encoded_pieces
from dicom_io.file_meta import PREAMBLE_BYTES
from dicom_io.part10 import encoded_file_meta
from dicom_io.series_pattern import Element

_INSTANCE = int(Tag("SOPInstanceUID"))
_META_INSTANCE_HEAD = b"\x02\x00\x03\x00UI"
_GROUP_LENGTH_HEAD = b"\x02\x00\x00\x00UL\x04\x00"
_PREFIX = b"DICM"


@dataclass(frozen=True, eq=False)
class EncodedInstance:
    """An instance as a file.

    Attributes
    ----------
    sop_class_uid, sop_instance_uid, series_instance_uid, transfer_syntax_uid : str
    content : bytes
        The file, PS3.10.
    dataset : Dataset or None
        What it was encoded from; None for all but the first of a series.
    """

    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    content: bytes
    dataset: Dataset | None = None


def encode_series(
    common: Dataset, varying: Collection[str], slices: Iterable[Dataset]
) -> Iterator[EncodedInstance]:
    """Give the instances of a series.

    Parameters
    ----------
    common : Dataset
        What all instances have in common, with the file meta information of one of
        them; explicit VR little endian.
    varying : collection of str
        Keywords of what they do not have in common, *SOP Instance UID* among them.
        What `common` says of these does not count.
    slices : iterable of Dataset
        The elements of each instance that `varying` names; one that is absent here is
        absent from the instance.

    Raises
    ------
    ValueError
        When a slice has an element that `varying` does not name, or a value cannot be
        encoded.
    """
    tags = sorted(int(Tag(keyword)) for keyword in varying)
    shared = {tag: each for tag, each in common.items() if int(tag) not in tags}
    between = encoded_pieces(Dataset(shared), tags)
    meta = _FileMeta(common)
    for number, own in enumerate(slices):
        if not {int(tag) for tag in own.keys()} <= set(tags):  # noqa: SIM118 - undecoded
            message = "a slice has an element that does not vary"
            raise ValueError(message)
        pieces = encoded_pieces(own, tags, common.get("SpecificCharacterSet"))
        uid = _uid_of(own)
        yield EncodedInstance(
            sop_class_uid=str(common.SOPClassUID),
            sop_instance_uid=uid,
            series_instance_uid=str(common.SeriesInstanceUID),
            transfer_syntax_uid=str(common.file_meta.TransferSyntaxUID),
            content=b"".join((meta.of(uid), *_interleaved(between, pieces))),
            dataset=None if number else _whole(common, shared, own),
        )


def _uid_of(own: Dataset) -> str:
    value = own.get_item(_INSTANCE).value
    if isinstance(value, bytes):
        return value.rstrip(b"\0 ").decode("ascii")
    return str(value)


def _whole(common: Dataset, shared: Mapping[BaseTag, Element], own: Dataset) -> Dataset:
    """Return an instance as a data set."""
    made = Dataset({**shared, **dict(own.items())})
    made.file_meta = common.file_meta
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    return made


def _interleaved(between: Sequence[bytes], pieces: Sequence[bytes]) -> Iterator[bytes]:
    """Give pieces in the order of their tags; what varies begins each of them."""
    return chain.from_iterable(zip(pieces, between, strict=True))


class _FileMeta:
    """What stands before each data set of a series: preamble, meta information."""

    def __init__(self, common: Dataset) -> None:
        meta = encoded_file_meta(common)
        body = meta[len(_PREFIX) + len(_GROUP_LENGTH_HEAD) + 4 :]
        head = body.index(_META_INSTANCE_HEAD)
        start = head + len(_META_INSTANCE_HEAD) + 2
        (length,) = unpack("<H", body[start - 2 : start])
        self._before, self._after = body[:head], body[start + length :]

    def of(self, uid: str) -> bytes:
        """Return it for an instance."""
        value = uid.encode("ascii") + b"\0" * (len(uid) % 2)
        named = _META_INSTANCE_HEAD + pack("<H", len(value)) + value
        body = self._before + named + self._after
        length = _GROUP_LENGTH_HEAD + pack("<L", len(body))
        return bytes(PREAMBLE_BYTES) + _PREFIX + length + body
