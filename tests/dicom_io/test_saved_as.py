"""Promises of `dicom_io.saved_as`."""

from datetime import UTC, datetime

import pytest
from pydicom.dataset import Dataset

from dicom_io.header import header_from_json, header_to_json, read_header
from dicom_io.saved_as import SavedAs, read_saved_as
from tests.support.pet import pet_datasets, structure_set_dataset

PET = pet_datasets(slices=2)
TWO_PM = datetime(2026, 3, 2, 14, tzinfo=UTC)


def structure_set(**overrides: object) -> Dataset:
    return structure_set_dataset(PET, {"Tumor": []}, **overrides)


def item(**attributes: object) -> Dataset:
    found = Dataset()
    for keyword, value in attributes.items():
        setattr(found, keyword, value)
    return found


def test_a_structure_set_says_its_label_and_when_it_was_saved() -> None:
    found = read_saved_as(structure_set())

    assert found == SavedAs(label="Tumours", saved_at=TWO_PM)


def test_a_stated_offset_makes_an_instant() -> None:
    found = read_saved_as(structure_set(TimezoneOffsetFromUTC="+0200"))

    assert found.in_utc
    assert found.saved_at == datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "overrides",
    [
        {"StructureSetTime": None},
        {"StructureSetDate": ""},
        {"StructureSetDate": "00010101", "TimezoneOffsetFromUTC": "+0200"},
        {"TimezoneOffsetFromUTC": "0200"},
    ],
)
def test_half_an_instant_is_none(overrides: dict[str, object]) -> None:
    if overrides.get("StructureSetDate") == "00010101":
        overrides = {**overrides, "StructureSetTime": "000000"}

    assert read_saved_as(structure_set(**overrides)).saved_at is None


def test_a_structure_set_names_its_predecessor() -> None:
    named = item(ReferencedSOPInstanceUID="1.2.3")
    dataset = structure_set(PredecessorStructureSetSequence=[named])

    assert read_saved_as(dataset).predecessors == ("1.2.3",)


def test_predecessors_are_read_in_the_form_of_reports() -> None:
    series = item(ReferencedSOPSequence=[item(ReferencedSOPInstanceUID="1.2.4")])
    study = item(ReferencedSeriesSequence=[series])
    dataset = structure_set(PredecessorDocumentsSequence=[study])

    assert read_saved_as(dataset).predecessors == ("1.2.4",)


def test_persons_are_told_apart_and_not_kept() -> None:
    one, same, other = (
        read_saved_as(structure_set(OperatorsName=name))
        for name in ("Keller^Anna", "KELLER^ANNA^^", "Keller^Anton")
    )

    assert one.operator == same.operator
    assert one.operator != other.operator
    assert "keller" not in repr(one).casefold()


def test_several_operators_are_the_same_in_any_order() -> None:
    one, other = (
        read_saved_as(structure_set(OperatorsName=names))
        for names in (["Keller^Anna", "Meyer^Bo"], ["Meyer^Bo", "Keller^Anna"])
    )

    assert one.operator
    assert one.operator == other.operator


def test_interpreters_are_told_apart() -> None:
    one, other = structure_set(), structure_set()
    one.RTROIObservationsSequence[0].ROIInterpreter = "Keller^Anna"
    other.RTROIObservationsSequence[0].ROIInterpreter = "Meyer^Bo"

    found = read_saved_as(one), read_saved_as(other)

    assert all(each.interpreters for each in found)
    assert found[0].interpreters != found[1].interpreters


def test_nobody_is_an_empty_text() -> None:
    found = read_saved_as(structure_set(OperatorsName="^^"))

    assert (found.operator, found.interpreters) == ("", "")


def test_it_comes_back_from_a_row_of_the_ledger() -> None:
    header = read_header(structure_set(OperatorsName="Keller^Anna"))

    assert header.saved_as is not None
    assert header_from_json(header_to_json(header)) == header
