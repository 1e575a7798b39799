"""Promises of `dicom_io.series_pattern`: what is found without it, with less work."""

import random
import struct
from collections.abc import Iterator
from io import BytesIO

import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from dicom_io.element_scan import scan_elements
from dicom_io.series_pattern import Elements, SeriesPattern

PIXEL_DATA = 0x7FE00010
POSITION = 0x00200032
DESCRIPTION = 0x0008103E
ENCODINGS = [(True, True), (False, True), (False, False)]

Scanned = tuple[list[object], int] | type[Exception]


def a_slice(number: int) -> Dataset:
    """Return one of a series; every third has an element more."""
    item = Dataset()
    item.CodeMeaning = "mouse"
    dataset = Dataset()
    dataset.SOPInstanceUID = f"1.2.3.{number}"
    dataset.Modality = "PT"
    dataset.SeriesDescription = "the same in all"
    dataset.PatientSpeciesCodeSequence = Sequence([item])
    dataset.ProcedureCodeSequence = Sequence([item])
    dataset["ProcedureCodeSequence"].is_undefined_length = True
    dataset.ImagePositionPatient = [1.5, -2, number**3]
    if number % 3 == 0:
        dataset.ImageComments = "seldom"
    dataset.Rows = 2
    dataset.RescaleSlope = 1 / (number + 1)
    dataset.add_new(PIXEL_DATA, "OW", bytes([number]) * 8)
    return dataset


def written(dataset: Dataset, *, implicit: bool, little_endian: bool) -> bytes:
    memory = DicomBytesIO()
    memory.is_implicit_VR = implicit
    memory.is_little_endian = little_endian
    write_dataset(memory, dataset)
    return bytes(memory.getvalue())


def scanned(
    content: bytes,
    encoding: tuple[bool, bool],
    pattern: SeriesPattern | None,
    stop_at: frozenset[int] = frozenset(),
) -> Scanned:
    """Return elements and where reading ended, or what was raised."""
    file = BytesIO(content)
    implicit, little_endian = encoding
    try:
        found = scan_elements(
            file,
            implicit=implicit,
            little_endian=little_endian,
            stop_at=stop_at,
            pattern=pattern,
        )
    except (EOFError, OSError, struct.error) as failure:
        return type(failure)
    return list(_told(found)), file.tell()


def _told(found: Elements) -> Iterator[object]:
    last = next(reversed(found), None)
    for tag, element in found.items():
        if isinstance(element, RawDataElement) and tag != last:
            yield tag, element._replace(value_tell=0)
        else:
            yield tag, element


@pytest.mark.parametrize(("implicit", "little_endian"), ENCODINGS)
@pytest.mark.parametrize("stop_at", [frozenset(), frozenset({PIXEL_DATA})])
def test_slices_are_read_as_each_by_itself(
    implicit: bool,  # noqa: FBT001 - a parameter of the test
    little_endian: bool,  # noqa: FBT001 - a parameter of the test
    stop_at: frozenset[int],
) -> None:
    pattern = SeriesPattern()
    encoding = implicit, little_endian
    for number in range(8):
        content = written(
            a_slice(number), implicit=implicit, little_endian=little_endian
        )

        found = scanned(content, encoding, pattern, stop_at)

        assert found == scanned(content, encoding, None, stop_at)


@pytest.mark.parametrize("implicit", [True, False])
def test_damaged_slices_are_read_as_each_by_itself(
    implicit: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    drawn = random.Random(0)  # noqa: S311 - damage, and no secret
    pattern = SeriesPattern()
    encoding = implicit, True
    good = [
        written(a_slice(number), implicit=implicit, little_endian=True)
        for number in range(4)
    ]
    for _ in range(300):
        content = bytearray(drawn.choice(good))
        for _ in range(drawn.randrange(3)):
            begin = drawn.randrange(len(content))
            more = drawn.randbytes(drawn.randrange(3))
            content[begin : begin + drawn.randrange(4)] = more

        found = scanned(bytes(content), encoding, pattern)

        assert found == scanned(bytes(content), encoding, None)


def test_a_repeated_element_does_not_mislead_the_slices_after_it() -> None:
    pattern = SeriesPattern()
    for number in (1, 1, 2, 1):
        whole = written(a_slice(number), implicit=False, little_endian=True)
        for content in (whole, whole + whole):
            found = scanned(content, (False, True), pattern)

            assert found == scanned(content, (False, True), None)


def test_what_slices_have_in_common_is_one_object() -> None:
    pattern = SeriesPattern()
    *_, one, other = (
        scan_elements(
            BytesIO(written(a_slice(number), implicit=False, little_endian=True)),
            implicit=False,
            little_endian=True,
            stop_at=frozenset(),
            pattern=pattern,
        )
        for number in (1, 2, 4, 5)
    )

    shared = {int(tag) for tag in one if one[tag] is other[tag]}

    assert DESCRIPTION in shared
    assert shared.isdisjoint({POSITION, PIXEL_DATA})
