"""Promises of `deciding.subjects`: who lies in the bed, and what is said of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dicom_io.header import InstanceHeader
from model.administration import Administration, Assay, Source
from node.deciding.subjects import (
    PATIENT_ID_ALONE,
    IncompleteBedError,
    SubjectFinder,
    animal_id_of,
)
from node.injection_log.log import AmbiguousLogError, UnreadableLogError
from node.records.subject import Subject, SubjectRules
from node.releases import Release
from tests.support.objects import NOON, pet_series

ZURICH = ZoneInfo("Europe/Zurich")


def pet(**fields: object) -> InstanceHeader:
    return pet_series(1, **{"patient_id": "m07_d14", **fields})[0]


def by(attribute: str, pattern: str = "") -> SubjectRules:
    return replace(PATIENT_ID_ALONE, attribute=attribute, pattern=pattern)


def finder(folder: Path, *lines: str) -> SubjectFinder:
    """Return a finder whose log has these lines."""
    path = folder / "log.csv"
    path.write_text("\n".join(lines) + "\n")
    return SubjectFinder(replace(PATIENT_ID_ALONE, injection_log=path))


def released(minute: int = 0, **values: object) -> Release:
    ordinary = Release("", NOON + timedelta(minutes=minute), "ann")
    return replace(ordinary, **values)  # type: ignore[arg-type] (named by the tests)


@pytest.mark.parametrize(
    ("rules", "animal"),
    [
        (by("PatientID"), "m07_d14"),
        (by("PatientID", "^(?P<animal>[a-z0-9]+)_"), "m07"),
        (by("StudyDescription", "mouse (?P<animal>[0-9]+)"), "12"),
        (by("StudyID"), "S5"),
        (by("SeriesDescription", "^(?P<animal>PET)"), "PET"),
        (by("AccessionNumber"), "A-1"),
        (by("ProtocolName", "(?P<animal>x+)?FDG"), "m07_d14"),
        (by("StudyDescription", "rat (?P<animal>[0-9]+)"), "m07_d14"),
    ],
)
def test_an_animal_is_called_by_the_sites_pattern_else_by_its_patient_id(
    rules: SubjectRules, animal: str
) -> None:
    header = pet(
        study_description="mouse 12 day 14",
        study_id="S5",
        accession_number="A-1",
        protocol_name="FDG",
    )

    assert animal_id_of(header, rules) == animal


def test_an_animal_without_any_name_has_none() -> None:
    assert animal_id_of(pet(patient_id=""), PATIENT_ID_ALONE) == ""


def test_the_log_names_the_animal_and_says_what_it_got(tmp_path: Path) -> None:
    header = pet()
    lines = ("animal,patient_id,study_date,weight_g", "M07,m07_d14,2026-03-02,24.8")

    found = finder(tmp_path, *lines).find(header)

    [subject] = found.subjects
    assert subject.animal_id == "M07"
    assert subject.supplied[0].source is Source.LOG
    assert subject.supplied[0].weight_g == 24.8
    assert found.statements == ()


def test_a_study_without_a_row_keeps_its_own_name(tmp_path: Path) -> None:
    found = finder(tmp_path, "animal,study_date,weight_g", "M99,2026-03-02,24.8")

    assert found.find(pet()).subjects == (Subject("m07_d14"),)


def test_a_cell_that_cannot_be_read_is_said_without_the_number_of_its_row(
    tmp_path: Path,
) -> None:
    lines = ("animal,study_date,weight_g", "m07_d14,2026-03-02,heavy")

    [statement] = finder(tmp_path, *lines).find(pet()).statements

    assert "weight_g" in statement
    assert "row 2" not in statement


def test_rows_that_contradict_each_other_are_told_with_the_mistakes_beside_them(
    tmp_path: Path,
) -> None:
    lines = (
        "animal,study_date,weight_g,activity_mbq",
        "m07_d14,2026-03-02,24,5",
        "m07_d14,2026-03-02,26,much",
    )

    with pytest.raises(AmbiguousLogError) as refused:
        finder(tmp_path, *lines).find(pet())
    assert "activity_mbq" in " ".join(refused.value.__notes__)


def test_a_log_that_could_never_be_read_stops_every_study(tmp_path: Path) -> None:
    rules = replace(PATIENT_ID_ALONE, injection_log=tmp_path / "missing.csv")

    with pytest.raises(UnreadableLogError):
        SubjectFinder(rules).find(pet())


def test_released_values_stand_before_the_logs(tmp_path: Path) -> None:
    found = finder(tmp_path, "animal,study_date,weight_g", "m07_d14,2026-03-02,24.8")

    [subject] = found.find(pet(), (released(weight_g=25.5),)).subjects

    assert [said.source for said in subject.supplied] == [Source.RELEASE, Source.LOG]
    assert subject.supplied[0].origin == "release by ann at 2026-03-02 12:00"


def test_the_later_value_counts_and_the_others_stay() -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    gave = (
        released(weight_g=25.0, injected_at=at),
        released(1, weight_g=26.0, who="bob"),
        released(2, activity_bq=5e6, who="cay"),
    )
    rules = replace(PATIENT_ID_ALONE, zone=ZURICH)

    [subject] = SubjectFinder(rules).find(pet(), gave).subjects

    assert subject.supplied == (
        Administration(
            Source.RELEASE,
            "release by ann at 2026-03-02 13:00 and by bob at 2026-03-02 13:01 and "
            "by cay at 2026-03-02 13:02",
            weight_g=26.0,
            activity=Assay(5e6),
            injected_at=at,
        ),
    )


def test_who_gives_the_same_value_again_changes_nothing() -> None:
    once = (released(weight_g=25.0),)
    twice = (*once, released(5, weight_g=25.0, who="bob"))

    found = SubjectFinder(PATIENT_ID_ALONE)

    assert found.find(pet(), once) == found.find(pet(), twice)


BED = (
    "animal,study_date,weight_g,bed_position",
    "M07,2026-03-02,24,left",
    "M08,2026-03-02,25,right",
)
GROUP = {"is_group": True, "members": ("M07", "M08"), "patient_id": "bed"}


def test_every_animal_of_a_bed_has_its_own_values(tmp_path: Path) -> None:
    gave = (released(animal_id="m08", weight_g=26.0),)

    found = finder(tmp_path, *BED).find(pet(**GROUP), gave)

    weights = [[said.weight_g for said in each.supplied] for each in found.subjects]
    assert [each.animal_id for each in found.subjects] == ["M07", "M08"]
    assert weights == [[24], [26, 25]]
    assert found.statements == ()


def test_a_bed_of_which_the_log_tells_in_part_is_refused(tmp_path: Path) -> None:
    header = pet(**{**GROUP, "members": ("M07", "M08", "")})

    with pytest.raises(IncompleteBedError, match=r"3 animals.*M07, M08"):
        finder(tmp_path, *BED).find(header)


def test_a_bed_without_a_log_is_known_by_the_names_in_the_header() -> None:
    found = SubjectFinder(PATIENT_ID_ALONE)

    assert found.find(pet(**GROUP)).subjects == (Subject("M07"), Subject("M08"))
    for members in (("M07", ""), ("M07", "m07"), ("M07",)):
        header = pet(**{**GROUP, "members": members})
        assert found.find(header).subjects == ()


@pytest.mark.parametrize("animal", ["", "M09"])
def test_a_value_for_an_animal_that_is_not_there_is_said_and_not_used(
    tmp_path: Path, animal: str
) -> None:
    gave = (released(animal_id=animal, weight_g=26.0),)

    found = finder(tmp_path, *BED).find(pet(**GROUP), gave)

    assert all(len(each.supplied) == 1 for each in found.subjects)
    [statement] = found.statements
    assert (animal or "the study as one animal") in statement
