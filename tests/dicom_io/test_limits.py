"""Promises of `dicom_io.limits` and `dicom_io.structure`."""

from pathlib import Path
from struct import pack

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, RLELossless

from dicom_io.errors import DicomContentError
from dicom_io.header import read_header_bytes, read_header_file
from dicom_io.limits import LimitExceededError, ReadingLimits
from dicom_io.part10 import decode_dataset
from dicom_io.unreadable import UnreadableObjectError
from tests.support.part10 import part10_of
from tests.support.pet import pet_datasets, write_all

CLOSED = b"\xfe\xff\xdd\xe0\0\0\0\0"
ITEM = b"\xfe\xff\x00\xe0"
UNDEFINED = b"\xff\xff\xff\xff"
SEQUENCE = b"\x08\x00\x15\x11SQ\0\0"


def slice_bytes(**overrides: object) -> bytes:
    return part10_of(pet_datasets(slices=1, **overrides)[0])


def inserted(middle: bytes, content: bytes | None = None) -> bytes:
    """Return a file with something between its header and its pixels."""
    content = content or slice_bytes()
    place = content.rindex(b"\xe0\x7f\x10\x00")
    return content[:place] + middle + content[place:]


def nested(depth: int, *, undefined: bool) -> bytes:
    value = b""
    for _ in range(depth):
        if undefined:
            item = ITEM + UNDEFINED + value + b"\xfe\xff\x0d\xe0\0\0\0\0"
            value = SEQUENCE + UNDEFINED + item + CLOSED
        else:
            item = ITEM + pack("<L", len(value)) + value
            value = SEQUENCE + pack("<L", len(item)) + item
    return value


def limit_of(content: bytes, limits: ReadingLimits) -> str:
    with pytest.raises(LimitExceededError) as refusal:
        read_header_bytes(content, limits)
    assert refusal.value.reason == "beyond_limits"
    assert f"limits.{refusal.value.limit}" in str(refusal.value)
    return refusal.value.limit


@pytest.mark.parametrize("undefined", [False, True])
def test_sequences_may_be_nested_as_deep_as_the_limit(*, undefined: bool) -> None:
    content = inserted(nested(9, undefined=undefined))

    read_header_bytes(content, ReadingLimits(nesting=9))
    assert limit_of(content, ReadingLimits(nesting=8)) == "nesting"


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("depth", [40, 5000])
def test_no_depth_exhausts_the_reader(depth: int, *, undefined: bool) -> None:
    content = inserted(nested(depth, undefined=undefined))

    assert limit_of(content, ReadingLimits()) == "nesting"


@pytest.mark.parametrize("undefined", [False, True])
def test_items_count_wherever_they_are(*, undefined: bool) -> None:
    items = (ITEM + bytes(4)) * 1000
    length = UNDEFINED if undefined else pack("<L", len(items))
    sequence = SEQUENCE + length + items + (CLOSED if undefined else b"")

    for content in (inserted(sequence), slice_bytes() + sequence):
        assert limit_of(content, ReadingLimits(elements=1000)) == "elements"
        read_header_bytes(content, ReadingLimits(elements=1200))


def test_a_sequence_in_disguise_counts() -> None:
    items = (ITEM + bytes(4)) * 1000
    head = b"\x09\x00\x10\x10UN\0\0"

    for length, end in ((pack("<L", len(items)), b""), (UNDEFINED, CLOSED)):
        content = inserted(head + length + items + end)
        assert limit_of(content, ReadingLimits(elements=1000)) == "elements"


def test_elements_of_every_encoding_count() -> None:
    for syntax in (ImplicitVRLittleEndian, ExplicitVRBigEndian):
        dataset = pet_datasets(slices=1)[0]
        dataset.ReferencedImageSequence = [Dataset() for _ in range(500)]
        dataset.file_meta.TransferSyntaxUID = syntax
        content = part10_of(dataset)

        assert limit_of(content, ReadingLimits(elements=500)) == "elements"
        read_header_bytes(content, ReadingLimits(elements=700))


def test_fragments_of_pixel_data_count() -> None:
    dataset = pet_datasets(slices=1)[0]
    dataset.file_meta.TransferSyntaxUID = RLELossless
    dataset.PixelData = encapsulate([b"xx"] * 500, has_bot=False)
    dataset["PixelData"].is_undefined_length = True
    content = part10_of(dataset)

    assert limit_of(content, ReadingLimits(elements=500)) == "elements"
    read_header_bytes(content, ReadingLimits(elements=700))


@pytest.mark.parametrize(
    "end",
    [
        SEQUENCE + UNDEFINED,
        SEQUENCE + UNDEFINED + ITEM + UNDEFINED,
        SEQUENCE + UNDEFINED + ITEM + pack("<L", 1 << 31),
        b"\x09\x00\x10\x10UN\0\0" + UNDEFINED + ITEM,
    ],
)
def test_what_is_never_closed_is_refused(end: bytes) -> None:
    # Before the pixels, which are then part of it, and behind them.
    for content in (inserted(end), slice_bytes() + end):
        with pytest.raises(UnreadableObjectError):
            read_header_bytes(content)


def test_encapsulated_pixels_that_are_no_fragments_are_refused() -> None:
    dataset = pet_datasets(slices=1)[0]
    dataset.file_meta.TransferSyntaxUID = RLELossless
    dataset.PixelData = encapsulate([b"xx"] * 5)
    dataset["PixelData"].is_undefined_length = True
    content = part10_of(dataset)
    read_header_bytes(content)
    start = content.rindex(ITEM)

    for damage in (b"\xfe\xff\x01\xe0\x02\0\0\0", ITEM + pack("<L", 1 << 30)):
        damaged = content[:start] + damage + content[start + 8 :]
        with pytest.raises(UnreadableObjectError):
            read_header_bytes(damaged)
    with pytest.raises(UnreadableObjectError):
        read_header_bytes(content[: -len(CLOSED)])


def test_a_damaged_sequence_costs_an_object_only_what_it_says() -> None:
    whole = read_header_bytes(slice_bytes())

    for value in (b"abc", b"abcdefghijklmn", ITEM + b"\xff\0\0\0abcdefg", b"\xff" * 30):
        head = b"\x08\x00\x15\x11SQ\0\0" + pack("<L", len(value))
        assert read_header_bytes(inserted(head + value)) == whole


def test_frames_and_pixels_are_limited_before_anything_is_decompressed() -> None:
    frames = slice_bytes(NumberOfFrames=101)
    assert limit_of(frames, ReadingLimits(frames=100)) == "frames"
    assert limit_of(frames, ReadingLimits(pixel_bytes=16 * 18 * 202 - 1)) == "pixels_mb"
    read_header_bytes(frames, ReadingLimits(frames=101, pixel_bytes=16 * 18 * 202))

    large = slice_bytes(Rows=65535, Columns=65535)
    assert limit_of(large, ReadingLimits()) == "pixels_mb"


@pytest.mark.filterwarnings("ignore:Invalid value for VR IS")
@pytest.mark.parametrize("said", ["-5", "1e400", "nan", "9" * 400, "x"])
def test_a_number_of_frames_that_is_none_takes_no_room(said: str) -> None:
    content = slice_bytes(NumberOfFrames=1)
    head = b"\x28\x00\x08\x00IS"
    start = content.index(head)
    value = (said + " " * (len(said) % 2)).encode()
    content = content[:start] + head + pack("<H", len(value)) + value
    content += slice_bytes(NumberOfFrames=1)[start + 10 :]

    try:
        read_header_bytes(content)
    except LimitExceededError as refusal:
        assert refusal.limit == "frames"  # noqa: PT017 - may pass as well


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = write_all(pet_datasets(slices=1), tmp_path)[0]
    size = path.stat().st_size

    read_header_file(path, ReadingLimits(object_bytes=size))
    with pytest.raises(LimitExceededError, match="object_mb"):
        read_header_file(path, ReadingLimits(object_bytes=size - 1))


def test_a_length_that_is_a_lie_takes_no_memory(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "lie"
    content = slice_bytes()
    # In the file meta information, in the header, and beyond the first window.
    lies = [
        content[:132] + b"\x02\0\x02\x01OB\0\0\xf0\xff\xff\xff" + content[132:],
        inserted(b"\x09\0\x01\x10OB\0\0\xf0\xff\xff\xff"),
        inserted(b"\x09\0\x01\x10UN\0\0\0\0\4\0" + bytes(1 << 18) + b"\x09\0\x02\x10")
        + b"OB\0\0\xf0\xff\xff\xff",
    ]
    used = resource.getrlimit(resource.RLIMIT_AS)
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * 4096
    resource.setrlimit(resource.RLIMIT_AS, (mapped + (1 << 30), used[1]))
    try:
        for lie in lies:
            path.write_bytes(lie)
            with pytest.raises(DicomContentError) as refusal:
                read_header_file(path)
            assert "MemoryError" not in str(refusal.value)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, used)


def test_meta_information_has_an_end() -> None:
    content = slice_bytes()
    flood = content[:132] + b"\x02\0\x02\x01UI\0\0" * 1000 + content[132:]

    with pytest.raises(UnreadableObjectError, match="meta information"):
        read_header_bytes(flood)


@pytest.mark.parametrize("uid", ["../../etc/passwd", "1.2\0.3", "1." * 30000, "Doe^J"])
def test_what_is_no_uid_is_not_repeated(uid: str) -> None:
    dataset = pet_datasets(slices=1)[0]
    content = part10_of(dataset)
    head = b"\x02\0\x03\0UI" + pack("<H", len(dataset.SOPInstanceUID) + 1)
    start = content.index(head[:6])
    length = int.from_bytes(content[start + 6 : start + 8], "little")
    value = uid.encode() + b"\0" * (len(uid) % 2)
    changed = content[: start + 6] + pack("<H", len(value)) + value
    changed += content[start + 8 + length :]

    with pytest.raises(DicomContentError) as refusal:
        decode_dataset(changed[:-10], stop_before_pixels=True)
    assert refusal.value.uid is None
    assert uid not in str(refusal.value)
