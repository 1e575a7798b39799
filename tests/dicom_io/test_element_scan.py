"""Promises of `dicom_io.element_scan`: what pydicom's own generator gives, faster."""

import struct
from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import data_element_generator
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from dicom_io.element_scan import WINDOW_BYTES, scan_elements

PIXEL_DATA = 0x7FE00010
ENCODINGS = [(True, True), (False, True), (False, False)]


def encoded(*, implicit: bool, little_endian: bool) -> bytes:
    """Return a data set with every kind of element that is read in its own way."""
    item = Dataset()
    item.CodeMeaning = "Größe"
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPInstanceUID = "1.2.3"
    dataset.PatientName = "Größe^Karl"
    dataset.StudyDescription = ""
    dataset.ImagePositionPatient = [1.5, -2, 3]
    dataset.Rows = 2
    dataset.SmallestImagePixelValue = 0
    dataset["SmallestImagePixelValue"].VR = "US"
    dataset.PurposeOfReferenceCodeSequence = Sequence([item])
    dataset.ProcedureCodeSequence = Sequence([item, Dataset()])
    dataset["ProcedureCodeSequence"].is_undefined_length = True
    dataset.add_new(0x00091001, "UN", b"abcd")
    dataset.add_new(0x00091002, "OB", bytes(WINDOW_BYTES))
    dataset.add_new(PIXEL_DATA, "OW", bytes(8))
    dataset.add_new(0x7FE10010, "LO", "behind")
    memory = DicomBytesIO()
    memory.is_implicit_VR = implicit
    memory.is_little_endian = little_endian
    write_dataset(memory, dataset)
    return bytes(memory.getvalue())


@pytest.mark.parametrize(("implicit", "little_endian"), ENCODINGS)
@pytest.mark.parametrize("stop_at", [frozenset(), frozenset({PIXEL_DATA})])
@pytest.mark.parametrize("lead", [b"", b"before the data set"])
def test_elements_and_where_reading_ends_are_those_of_pydicom(
    implicit: bool,  # noqa: FBT001 - a parameter of the test
    little_endian: bool,  # noqa: FBT001 - a parameter of the test
    stop_at: frozenset[int],
    lead: bytes,
) -> None:
    content = lead + encoded(implicit=implicit, little_endian=little_endian)
    ours, theirs = BytesIO(content), BytesIO(content)
    ours.seek(len(lead))
    theirs.seek(len(lead))

    found = scan_elements(
        ours, implicit=implicit, little_endian=little_endian, stop_at=stop_at
    )

    expected = {
        element.tag: element
        for element in data_element_generator(
            theirs,
            implicit,
            little_endian,
            stop_when=lambda tag, _vr, _length: tag in stop_at,
        )
    }
    assert list(found.items()) == list(expected.items())
    assert ours.tell() == theirs.tell()
    assert (PIXEL_DATA in found) is not bool(stop_at)


# Half a character set is none that is known, says pydicom.
@pytest.mark.filterwarnings("ignore:Unknown encoding")
@pytest.mark.parametrize(("implicit", "little_endian"), ENCODINGS)
def test_a_data_set_that_ends_early_is_read_as_far_as_by_pydicom(
    implicit: bool,  # noqa: FBT001 - a parameter of the test
    little_endian: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    content = encoded(implicit=implicit, little_endian=little_endian)
    for end in [*range(1, 120), len(content) - 3]:
        ours, theirs = BytesIO(content[:end]), BytesIO(content[:end])
        try:
            expected = list(data_element_generator(theirs, implicit, little_endian))
        except (EOFError, OSError, struct.error) as failure:
            with pytest.raises(type(failure)):
                scan_elements(
                    ours,
                    implicit=implicit,
                    little_endian=little_endian,
                    stop_at=frozenset(),
                )
            continue

        found = scan_elements(
            ours, implicit=implicit, little_endian=little_endian, stop_at=frozenset()
        )

        assert list(found.values()) == expected
        assert ours.tell() == theirs.tell()
