"""Promises of `dicom_io.part10`."""

import hashlib
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from dicom_io.limits import LimitExceededError, ReadingLimits
from dicom_io.part10 import (
    content_sha256,
    encode_dataset,
    is_part10,
    read_dataset,
    write_dataset,
)
from dicom_io.unreadable import UnreadableObjectError
from tests.support.pet import pet_datasets, square_mm, structure_set_dataset, write_all

SQUARE = {"rows": slice(2, 6), "columns": slice(3, 9)}


@pytest.fixture
def slice_path(tmp_path: Path) -> Path:
    return write_all(pet_datasets(slices=1), tmp_path)[0]


def test_a_file_is_read_as_it_was_written(slice_path: Path) -> None:
    expected = dcmread(slice_path)

    dataset = read_dataset(slice_path)

    assert dataset == expected
    assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
    ],
)
@pytest.mark.parametrize("stop_before_pixels", [False, True])
def test_every_transfer_syntax_is_read(
    tmp_path: Path, syntax: UID, *, stop_before_pixels: bool
) -> None:
    path = write_in_syntax(tmp_path, syntax)
    expected = dcmread(path, stop_before_pixels=stop_before_pixels)

    dataset = read_dataset(path, stop_before_pixels=stop_before_pixels)

    assert dataset == expected
    assert ("PixelData" in dataset) is not stop_before_pixels


def write_in_syntax(folder: Path, syntax: UID) -> Path:
    dataset = pet_datasets(slices=1)[0]
    if syntax == RLELossless:
        dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.file_meta.TransferSyntaxUID = syntax
    return write_all([dataset], folder)[0]


@pytest.mark.parametrize("stop_before_pixels", [False, True])
def test_a_truncated_image_is_refused_wherever_it_ends(
    slice_path: Path, *, stop_before_pixels: bool
) -> None:
    whole = slice_path.read_bytes()
    for length in range(140, len(whole), 7):
        slice_path.write_bytes(whole[:length])

        with pytest.raises(UnreadableObjectError):
            read_dataset(slice_path, stop_before_pixels=stop_before_pixels)


@pytest.mark.parametrize("undefined", [False, True])
def test_a_structure_set_that_ends_in_a_contour_is_refused(
    tmp_path: Path, *, undefined: bool
) -> None:
    pet = pet_datasets()
    structure_set = structure_set_dataset(
        pet, {"tumour": [square_mm(pet, 3, **SQUARE)]}
    )
    structure_set.ROIContourSequence.is_undefined_length = undefined
    structure_set["ROIContourSequence"].is_undefined_length = undefined
    path = write_all([structure_set], tmp_path)[0]
    whole = path.read_bytes()
    inside = whole.rindex(b"CLOSED_PLANAR")

    for length in range(inside, inside + 60, 3):
        path.write_bytes(whole[:length])
        with pytest.raises(UnreadableObjectError) as refusal:
            read_dataset(path)

        assert refusal.value.path == path
        assert refusal.value.uid == structure_set.SOPInstanceUID


@pytest.mark.parametrize("content", [b"", b"PNG", b"x" * 131, b"\0" * 128 + b"DICOM"])
def test_what_is_not_dicom_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)

    assert is_part10(path) is (content[128:132] == b"DICM")
    with pytest.raises(UnreadableObjectError) as refusal:
        read_dataset(path)
    assert refusal.value.reason == "unreadable_object"


def test_a_deflated_bomb_is_refused(tmp_path: Path) -> None:
    path = write_in_syntax(tmp_path, DeflatedExplicitVRLittleEndian)
    limits = ReadingLimits(object_bytes=path.stat().st_size)

    with pytest.raises(LimitExceededError, match="inflated") as refusal:
        read_dataset(path, limits=limits)
    assert refusal.value.reason == "beyond_limits"
    assert "limits.object_mb" in str(refusal.value)


def test_sequences_nested_without_end_are_refused(slice_path: Path) -> None:
    start = b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    meta = slice_path.read_bytes().split(b"\x08\x00\x05\x00CS", 1)[0]
    slice_path.write_bytes(meta + start * 5000)

    with pytest.raises(UnreadableObjectError):
        read_dataset(slice_path)


def test_file_meta_longer_than_what_is_read_at_once_is_read_whole(
    slice_path: Path,
) -> None:
    dataset = dcmread(slice_path)
    dataset.file_meta.PrivateInformationCreatorUID = "1.2.3"
    dataset.file_meta.PrivateInformation = bytes(range(256)) * 20
    dataset.save_as(slice_path, enforce_file_format=True)

    assert read_dataset(slice_path).file_meta == dcmread(slice_path).file_meta


@pytest.mark.parametrize("count", [300, 100_000])
def test_file_meta_of_very_many_elements_is_refused(
    slice_path: Path, count: int
) -> None:
    """One element again and again makes no end either."""
    content = slice_path.read_bytes()
    more = b"\x02\x00\x16\x00AE\x00\x00" * count
    slice_path.write_bytes(content[:132] + more + content[132:])

    with pytest.raises(UnreadableObjectError, match="more than 256"):
        read_dataset(slice_path)


def test_bytes_do_not_depend_on_when_they_are_made(tmp_path: Path) -> None:
    first, second = (pet_datasets(slices=1)[0] for _ in range(2))
    write_dataset(first, tmp_path / "slice")

    assert encode_dataset(second) == (tmp_path / "slice").read_bytes()
    assert read_dataset(tmp_path / "slice") == dcmread(tmp_path / "slice")


def test_the_digest_ignores_preamble_and_file_meta(slice_path: Path) -> None:
    digest = content_sha256(slice_path)
    dataset = dcmread(slice_path)
    dataset.preamble = b"x" * 128
    dataset.file_meta.SourceApplicationEntityTitle = "ELSEWHERE"
    dataset.save_as(slice_path, enforce_file_format=True)

    assert content_sha256(slice_path) == digest
    body = slice_path.read_bytes().split(b"ELSEWHERE ", 1)[1]
    assert hashlib.sha256(body).hexdigest() == digest


def test_the_digest_sees_every_bit_of_the_data_set(slice_path: Path) -> None:
    digest = content_sha256(slice_path)
    content = bytearray(slice_path.read_bytes())
    content[-1] ^= 1
    slice_path.write_bytes(content)

    assert content_sha256(slice_path) != digest
