"""A row of the log belongs to the study that it names, and to no other."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from node.injection_log.log import (
    AmbiguousLogError,
    InjectionLog,
    LoggedStudy,
    changed,
    read_injection_log,
)

DAY = date(2026, 3, 2)
STUDY = LoggedStudy("1.2.3", "A1", DAY, "m1_fdg.pet", "M1")
IDENTITY = "animal,patient_id,study_date,accession,study_instance_uid"
COLUMNS = f"{IDENTITY},bed_position,roi,weight_g"


def log_of(tmp_path: Path, *rows: str) -> InjectionLog:
    path = tmp_path / "log.csv"
    path.write_text("\n".join([COLUMNS, *rows, ""]))
    return read_injection_log(path, ZoneInfo("Europe/Berlin"))


def weights(log: InjectionLog, study: LoggedStudy = STUDY) -> list[float | None]:
    return [subject.supplied[0].weight_g for subject in log.subjects(study)]


@pytest.mark.parametrize(
    "row",
    [
        "M1,,2026-03-02,,,,,24",
        "m1,,20260302,,,,,24",
        "M1_FDG.pet,,2026-03-02,,,,,24",
        ",m1_fdg.pet,2026-03-02,,,,,24",
        "mouse 7,m1_fdg.pet,2026-03-02,,,,,24",
        "M1,,,A1,,,,24",
        ",,,a1,,,,24",
        "M1,,,,1.2.3,,,24",
        ",,,,1.2.3,,,24",
        "M1,m1_fdg.pet,2026-03-02,A1,1.2.3,,,24",
    ],
)
def test_a_row_matches_by_what_it_states(tmp_path: Path, row: str) -> None:
    assert weights(log_of(tmp_path, row)) == [24]


@pytest.mark.parametrize(
    "row",
    [
        "M2,,2026-03-02,,,,,24",
        "M1,,2026-03-03,,,,,24",
        "M1,,,,,,,24",
        ",,2026-03-02,,,,,24",
        "M1,other.pet,2026-03-02,,,,,24",
        "M1,,2026-03-02,A2,,,,24",
        "M1,,2026-03-02,A1,1.2.4,,,24",
        "M1,,2026-03-03,A1,1.2.3,,,24",
        "M2,,2026-03-02,A1,1.2.3,,,24",
        "M1,other.pet,2026-03-02,,1.2.3,,,24",
    ],
)
def test_a_row_must_agree_with_all_that_it_states(tmp_path: Path, row: str) -> None:
    assert weights(log_of(tmp_path, row)) == []


def test_the_animal_is_named_by_its_row(tmp_path: Path) -> None:
    (subject,) = log_of(tmp_path, "mouse 7,m1_fdg.pet,2026-03-02,,,,,24").subjects(
        STUDY
    )

    assert subject.animal_id == "mouse 7"


def test_a_row_that_names_no_animal_leaves_the_site_s_name(tmp_path: Path) -> None:
    (subject,) = log_of(tmp_path, ",,,A1,,,,24").subjects(STUDY)

    assert subject.animal_id == "M1"


def test_what_a_study_does_not_state_is_not_disagreed_with(tmp_path: Path) -> None:
    bare = replace(STUDY, accession_number="", study_date=None)
    log = log_of(tmp_path, "M1,,2026-03-02,A9,1.2.3,,,24")

    assert weights(log, bare) == [24]
    assert weights(log, replace(bare, study_instance_uid="1.2.9")) == []


def test_an_accession_number_that_only_the_log_knows_is_no_hindrance(
    tmp_path: Path,
) -> None:
    log = log_of(tmp_path, "M1,,2026-03-02,A9,,,,24")

    assert weights(log, replace(STUDY, accession_number="")) == [24]
    assert weights(log, STUDY) == []


def test_one_accession_number_of_a_whole_day_gives_each_study_its_animal(
    tmp_path: Path,
) -> None:
    log = log_of(tmp_path, "M1,,,A1,,left,,24", "M2,,,A1,,right,,21")

    assert weights(log) == [24]
    assert weights(log, replace(STUDY, patient_id="m2", animal_id="M2")) == [21]


def test_a_row_that_is_repeated_is_one(tmp_path: Path) -> None:
    log = log_of(tmp_path, "M1,,2026-03-02,,,,,24", "M1,,2026-03-02,,,,,24")

    assert weights(log) == [24]
    assert log.subjects(STUDY)[0].supplied[0].origin == "row 2 of the injection log"


@pytest.mark.parametrize(
    "rows",
    [
        ["M1,,2026-03-02,,,,,24", "M1,,2026-03-02,,,,,25"],
        ["M1,,2026-03-02,,,,,24", "m1,,2026-03-02,,,,,"],
        ["M1,,2026-03-02,,,,,24", ",,,A1,,,,24"],
        ["M1,,2026-03-02,,,left,,24", "M1,,2026-03-02,,,right,,24"],
    ],
)
def test_two_rows_for_one_animal_are_never_merged(
    tmp_path: Path, rows: list[str]
) -> None:
    with pytest.raises(AmbiguousLogError, match="rows 2 and 3") as raised:
        log_of(tmp_path, *rows).subjects(STUDY)

    assert raised.value.reason == "conflicting_sources"
    assert "study_instance_uid" in raised.value.remedy


def test_an_accession_number_tells_two_scans_of_a_day_apart(tmp_path: Path) -> None:
    log = log_of(tmp_path, "M1,,2026-03-02,A1,,,,24", "M1,,2026-03-02,A2,,,,23")

    assert weights(log) == [24]
    assert weights(log, replace(STUDY, accession_number="A2")) == [23]


GROUP = replace(STUDY, patient_id="bed3", animal_id="bed3", is_group=True)


@pytest.mark.parametrize(
    "rows",
    [
        ["M1,bed3,2026-03-02,,,left,,24", "M2,bed3,2026-03-02,,,right,,21"],
        ["M1,bed3,2026-03-02,,,,*-1,24", "M2,bed3,2026-03-02,,,,*-2|gtv2,21"],
        ["M1,,,A1,,left,,24", "M2,,,A1,,right,,21"],
        ["M1,,,,1.2.3,left,,24", "M2,,,,1.2.3,right,,21"],
    ],
)
@pytest.mark.parametrize("flagged", [True, False])
def test_several_animals_in_one_bed_are_as_many_subjects(
    tmp_path: Path, rows: list[str], *, flagged: bool
) -> None:
    log = log_of(tmp_path, *rows)

    first, second = log.subjects(replace(GROUP, is_group=flagged))

    assert (first.animal_id, second.animal_id) == ("M1", "M2")
    assert first.supplied[0].weight_g == 24
    assert (first.bed_position, first.roi_patterns) != (
        second.bed_position,
        second.roi_patterns,
    )


def test_patterns_of_regions_are_parted_by_bars(tmp_path: Path) -> None:
    log = log_of(tmp_path, "M1,,2026-03-02,,,,tumor 1 | gtv*,24")

    assert log.subjects(STUDY)[0].roi_patterns == ("tumor 1", "gtv*")


def test_animals_of_a_group_match_by_their_own_names(tmp_path: Path) -> None:
    log = log_of(tmp_path, "M1,,2026-03-02,,,left,,24", ",M2,2026-03-02,,,right,,21")
    study = replace(GROUP, members=("M1", "M2"))

    assert [subject.animal_id for subject in log.subjects(study)] == ["M1", "M2"]
    assert not log.subjects(GROUP)


def test_a_companion_by_the_study_s_uid_is_never_left_out(tmp_path: Path) -> None:
    """The PatientID may be that of one of the animals."""
    log = log_of(tmp_path, "M1,,,,1.2.3,left,,24", "M2,,,,1.2.3,right,,21")

    assert weights(log) == [24, 21]


@pytest.mark.parametrize(
    "rows",
    [
        ["M1,bed3,2026-03-02,,,,,24", "M2,bed3,2026-03-02,,,,,21"],
        ["M1,bed3,2026-03-02,,,left,,24", "M2,bed3,2026-03-02,,,left,,21"],
        ["M1,bed3,2026-03-02,,,left,,24", "M2,bed3,2026-03-02,,,,,21"],
    ],
)
def test_animals_without_a_place_each_are_refused(
    tmp_path: Path, rows: list[str]
) -> None:
    with pytest.raises(AmbiguousLogError, match="where each lay"):
        log_of(tmp_path, *rows).subjects(replace(GROUP, is_group=False))


def test_of_a_group_the_header_may_tell_where_each_lay(tmp_path: Path) -> None:
    log = log_of(tmp_path, "M1,bed3,2026-03-02,,,,,24", "M2,bed3,2026-03-02,,,,,21")

    assert [each.animal_id for each in log.subjects(GROUP)] == ["M1", "M2"]


def test_two_animals_of_a_group_at_one_place_are_refused(tmp_path: Path) -> None:
    log = log_of(
        tmp_path, "M1,bed3,2026-03-02,,,left,,24", "M2,bed3,2026-03-02,,,left,,21"
    )

    with pytest.raises(AmbiguousLogError, match="where each lay"):
        log.subjects(GROUP)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("M1,,2026-03-02,,,,,x", "weight_g"),
        ("M1,,02/03/2026,,,,,24", "study_date"),
        ("M1,,,,,,,24", "study_date"),
        ("M1,,2026-03-02,1.2E+12,,,,24", "accession"),
        ("=A1,,2026-03-02,,,,,24", "animal"),
        ("M1,,2026-03-02,,,,|,24", "roi"),
        ("M2,,2026-03-02,A1,,,,24", "animal"),
        ("M1,,2026-03-03,A1,,,,24", "study_date"),
        ("M1,,2026-03-02,A2,1.2.3,,,24", "accession"),
        ("M1,,2026-03-02,A1,1.2.4,,,24", "study_instance_uid"),
    ],
)
def test_a_study_is_told_of_the_cell_that_keeps_its_row_away(
    tmp_path: Path, row: str, column: str
) -> None:
    log = log_of(tmp_path, row)
    (mistake,) = log.mistakes_for(STUDY)

    assert (mistake.row, mistake.column) == (2, column)
    assert mistake.remedy


@pytest.mark.parametrize(
    "row",
    [
        "M2,,2026-03-02,,,,,x",
        "M2,,02.03.2026,,,,,24",
        "M2,,2026-03-02,1.2E+12,,,,24",
        "M1,,2026-03-09,,,,,x",
        "M1,,2026-03-09,,,,,24",
    ],
)
def test_a_study_is_not_told_of_other_studies_mistakes(
    tmp_path: Path, row: str
) -> None:
    assert not log_of(tmp_path, row).mistakes_for(STUDY)


def test_rows_of_a_shared_accession_number_are_no_mistake_once_one_matches(
    tmp_path: Path,
) -> None:
    log = log_of(tmp_path, "M1,,,A1,,,,24", "M2,,,A1,,,,21")

    assert not log.mistakes_for(STUDY)


def test_what_changed_names_those_whom_it_concerns(tmp_path: Path) -> None:
    old = log_of(tmp_path, "M1,,2026-03-02,,,,,24", "M2,,2026-03-02,,,,,21")
    new = log_of(tmp_path, "M2,,2026-03-02,,,,,21", "M1,,2026-03-02,,,,,25")

    found = changed(old, new)

    assert found.animals == {"M1"}
    assert found.touches(STUDY)
    assert not found.touches(replace(STUDY, patient_id="m2", animal_id="m2"))


@pytest.mark.parametrize(
    ("row", "study"),
    [
        ("m1,,2026-03-02,,,,,24", STUDY),
        (",M1_fdg.pet,2026-03-02,,,,,24", STUDY),
        (",,,a1,,,,24", STUDY),
        (",,,,1.2.3,,,24", STUDY),
        ("M7,,2026-03-02,,,left,,24", replace(GROUP, members=("m7",))),
    ],
)
def test_a_new_row_and_one_that_goes_touch_their_study(
    tmp_path: Path, row: str, study: LoggedStudy
) -> None:
    empty, filled = InjectionLog(), log_of(tmp_path, row)
    other = replace(study, study_instance_uid="9", accession_number="B", patient_id="x")

    assert changed(None, filled).touches(study)
    assert changed(filled, empty).touches(study)
    assert not changed(filled, filled).touches(study)
    assert not changed(None, filled).touches(replace(other, animal_id="y", members=()))


def test_a_corrected_mistake_is_a_change(tmp_path: Path) -> None:
    bad = log_of(tmp_path, "M1,,2026-03-02,,,,,x")
    worse = log_of(tmp_path, "M1,,02/03/2026,,,,,24")

    assert changed(bad, log_of(tmp_path, "M1,,2026-03-02,,,,,")).touches(STUDY)
    assert changed(bad, worse).touches(STUDY)
