"""Promises of `dicom_io.results.presentation.rejection_note`, as pydicom reads it."""

import io
from dataclasses import replace

import pydicom
import pytest

from dicom_io.part10 import encode_dataset
from dicom_io.results.presentation.rejection_note import (
    RejectionCode,
    build_rejection_note,
)
from dicom_io.source_reference import SourceReference
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.result import EQUIPMENT, identity

REJECTED = SourceReference("1.2.840.10008.5.1.4.1.1.7", "2.25.7", STUDY_UID, "2.25.70")


@pytest.mark.parametrize(
    ("description", "institution"),
    [("Müller took it back", None), ("taken back", "Universität")],
)
def test_what_a_note_says_can_be_read_whatever_the_source_declares(
    description: str, institution: str | None
) -> None:
    [source] = pet_datasets(slices=1, SpecificCharacterSet=None)
    equipment = replace(EQUIPMENT, institution_name=institution)
    built = build_rejection_note(
        source, [REJECTED], RejectionCode.QUALITY, description, identity(), equipment
    )
    note = pydicom.dcmread(io.BytesIO(encode_dataset(built)))

    assert note.SpecificCharacterSet == "ISO_IR 192"
    assert note.ContentSequence[0].TextValue == description
    assert note.get("InstitutionName") == institution
