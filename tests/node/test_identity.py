"""Promises of `node.identity`."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dicom_io.header import InstanceHeader, ObjectKind
from node.identity import case_line, derived_uid, input_digest, job_key
from node.records.cases import Case
from node.records.lineage import Lineage
from node.records.objects import StoredInstance

AT = datetime(2026, 3, 2, tzinfo=UTC)
UID_RULE = re.compile(r"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*$")


def _stored(uid: str, sha256: str, series: str = "1.2.9") -> StoredInstance:
    header = InstanceHeader(
        kind=ObjectKind.PET,
        sop_class_uid="1.2.840.10008.5.1.4.1.1.128",
        sop_instance_uid=uid,
        study_instance_uid="1.2.3",
        series_instance_uid=series,
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        patient_id="m01",
        modality="PT",
        frame_of_reference_uid="1.2.5",
        series_number=1,
        series_description="",
        model_name="",
        study_date="20260302",
    )
    return StoredInstance(header, Path(uid), sha256, AT)


CASE = Case(
    study_instance_uid="1.2.3",
    pet=(_stored("1.1", "aa"), _stored("1.2", "bb")),
    contours=_stored("1.3", "cc", series="1.2.8"),
    accept_frames_of_reference=(),
)
OUTSIDE = {"species": "mouse"}


def test_the_key_does_not_depend_on_the_order_or_place_of_the_objects() -> None:
    moved = tuple(replace(item, path=Path("/elsewhere")) for item in CASE.pet)
    other = replace(CASE, pet=moved[::-1])

    assert input_digest(other, OUTSIDE) == input_digest(CASE, OUTSIDE)


def test_the_key_changes_with_the_content_of_an_object() -> None:
    other = replace(CASE, contours=_stored("1.3", "dd", series="1.2.8"))

    assert input_digest(other, OUTSIDE) != input_digest(CASE, OUTSIDE)


def test_the_key_changes_with_a_setting_that_enters_the_result() -> None:
    assert input_digest(CASE, {"species": "rat"}) != input_digest(CASE, OUTSIDE)


def test_the_key_changes_with_the_software_and_the_inputs_do_not() -> None:
    inputs = input_digest(CASE, OUTSIDE)

    assert job_key(inputs, "1.0") != job_key(inputs, "1.1")


def test_revised_contours_of_one_series_are_one_line() -> None:
    revised = replace(CASE, contours=_stored("1.4", "ee", series="1.2.8"))
    other_reader = replace(CASE, contours=_stored("1.5", "ff", series="1.2.7"))

    assert case_line(revised) == case_line(CASE)
    assert case_line(other_reader) != case_line(CASE)


def test_a_revision_in_another_series_is_on_the_line_of_the_first() -> None:
    lineage = Lineage(("1.2.8", "1.2.7"), ("1.3",), ("It takes the place of 1.3.",))
    contours = _stored("1.5", "ff", series="1.2.7")
    revised = replace(CASE, contours=contours, lineage=lineage)

    assert case_line(revised) == case_line(CASE)
    animal = replace(revised, animal_id="M1")
    assert case_line(animal) == case_line(replace(CASE, animal_id="M1"))


def test_the_key_does_not_depend_on_what_a_case_takes_the_place_of() -> None:
    """An old save that comes late would make a revision of what it does not change."""
    other = replace(CASE, lineage=Lineage(("1.2.8",), ("1.7",), ("It stands.",)))

    assert input_digest(other, OUTSIDE) == input_digest(CASE, OUTSIDE)


@pytest.mark.parametrize("root", ["2.25", "1.2.826.0.1.3680043.10.12"])
def test_a_derived_uid_is_valid_and_follows_from_its_names(root: str) -> None:
    uids = {derived_uid(root, "key", str(number)) for number in range(200)}

    assert len(uids) == 200
    assert all(UID_RULE.match(uid) and len(uid) <= 64 for uid in uids)
    assert derived_uid(root, "key", "0") in uids
