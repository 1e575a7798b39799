"""Several animals in one bed, through ``score``."""

import json
from pathlib import Path
from typing import Any

import pydicom
import pytest
from click.testing import CliRunner

from node.cli import main
from tests.support.bed import LOG_HEAD, write_bed, write_log
from tests.support.report_alone import configured

ROWS = (
    "M1,bed7,2026-03-02,20.0,5.0,2026-03-02T09:00,",
    "M2,bed7,2026-03-02,25.0,5.0,2026-03-02T09:00,",
)


def score(source: Path, *words: object) -> tuple[int, Any]:
    arguments = ["score", source, "--out", source.parent / "out", "--json", *words]
    run = CliRunner().invoke(main, configured(*arguments))
    return run.exit_code, json.loads(run.stdout)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.csv"


def test_each_animal_has_its_own_weight_and_dose(tmp_path: Path, log: Path) -> None:
    """The bodies hold the same activity, so that SUV differ as the weights do."""
    write_bed(tmp_path / "in")

    code, document = score(tmp_path / "in", "--config", write_log(log, ROWS))

    assert (code, document["held"]) == (0, [])
    first, second = document["results"]
    assert (first["animal_id"], first["roi"]) == ("M1", "Tumor M1")
    assert (second["animal_id"], second["roi"]) == ("M2", "Tumor M2")
    assert second["suv"]["mean"] == pytest.approx(25 / 20 * first["suv"]["mean"])
    assert first["score"] == pytest.approx(second["score"])


def test_each_animal_has_a_report_that_names_the_group_as_its_source(
    tmp_path: Path, log: Path
) -> None:
    """PS3.3 C.7.1.4.1.1: *Source Patient Group Identification Sequence*."""
    write_bed(tmp_path / "in")

    _, document = score(tmp_path / "in", "--config", write_log(log, ROWS))

    reports = [
        pydicom.dcmread(tmp_path / "out" / written["path"])
        for written in document["objects"]
        if written["path"].endswith("/report.dcm")
    ]
    assert [report.PatientID for report in reports] == ["M1", "M2"]
    for report in reports:
        (source,) = report.SourcePatientGroupIdentificationSequence
        assert source.PatientID == "bed7"
        assert "GroupOfPatientsIdentificationSequence" not in report
    assert reports[0].StudyInstanceUID != reports[1].StudyInstanceUID


def test_places_of_the_header_tell_regions_apart_whose_names_do_not(
    tmp_path: Path, log: Path
) -> None:
    """On an Inveon the columns run to the patient's right, which, prone and head
    first, is the machine's right.
    """
    write_bed(tmp_path / "in", names=("left one", "right one"))

    code, document = score(tmp_path / "in", "--config", write_log(log, ROWS))

    assert code == 0
    owners = {each["roi"]: each["animal_id"] for each in document["results"]}
    assert owners == {"left one": "M1", "right one": "M2"}
    for result in document["results"]:
        assert any("place in the bed" in said for said in result["warnings"])


def test_without_the_log_a_bed_of_several_animals_is_held(tmp_path: Path) -> None:
    write_bed(tmp_path / "in")

    code, document = score(tmp_path / "in")

    assert code == 3
    assert document["results"] == []
    assert {held["reason"] for held in document["held"]} == {"several_animals"}
    assert "injection log" in document["held"][0]["detail"]


def test_the_log_alone_may_say_that_there_are_several(
    tmp_path: Path, log: Path
) -> None:
    """An Inveon does not know that several animals lie in its bed."""
    write_bed(
        tmp_path / "in",
        GroupOfPatientsIdentificationSequence=None,
        PatientWeight="0.022",
        RadionuclideTotalDose="9e6",
        RadiopharmaceuticalStartDateTime="20260302090000",
    )
    rows = [row + place for row, place in zip(ROWS, ("left", "right"), strict=True)]
    config = write_log(log, rows, LOG_HEAD)

    code, document = score(tmp_path / "in", "--config", config)

    assert (code, document["held"]) == (0, [])
    weights = {each["animal_id"]: each["suv_numbers"] for each in document["results"]}
    assert weights["M1"]["weight_g"] == 20.0
    assert weights["M2"]["weight_g"] == 25.0
    assert weights["M2"]["injected_activity_bq"] == pytest.approx(5e6)


def test_an_animal_without_a_weight_does_not_cost_the_other_its_result(
    tmp_path: Path, log: Path
) -> None:
    write_bed(tmp_path / "in")
    rows = [ROWS[0], ROWS[1].replace("25.0", "")]

    code, document = score(tmp_path / "in", "--config", write_log(log, rows))

    assert code == 3
    assert [each["animal_id"] for each in document["results"]] == ["M1"]
    (held,) = document["held"]
    assert held["reason"] in {"missing_weight", "several_animals"}
    assert "M2" in held["detail"]


def test_an_image_that_its_scanner_made_suv_is_nobodys(
    tmp_path: Path, log: Path
) -> None:
    """Its one weight was of none of the animals, or of one."""
    write_bed(
        tmp_path / "in",
        GroupOfPatientsIdentificationSequence=None,
        Units="GML",
        SUVType="BW",
        RescaleSlope="0.0001",
    )
    rows = [row + place for row, place in zip(ROWS, ("left", "right"), strict=True)]

    code, document = score(tmp_path / "in", "--config", write_log(log, rows))

    assert code == 3
    assert {held["reason"] for held in document["held"]} == {"several_animals"}
