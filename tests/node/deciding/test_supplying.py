"""Promises of `deciding.supplying`: a case gets what is known beside its images."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from dicom_io.header import InstanceHeader, ObjectKind
from model.errors import ModelError
from node.deciding.subjects import PATIENT_ID_ALONE, FoundSubjects, SubjectFinder
from node.deciding.supplying import contexts_of, held_case, supply
from node.records.cases import Case
from node.records.objects import StoredInstance
from node.records.subject import Subject
from tests.support.objects import header, pet_series, stored, structure_set
from tests.support.report_alone import report_alone
from tests.support.service import command
from tests.support.studies import write_study

CONTEXT = ObjectKind.ACQUISITION_CONTEXT


class NoWeightError(ModelError):
    """What a case may be held by."""

    reason: ClassVar[str] = "missing_weight"
    remedy: ClassVar[str] = "Weigh it."


def context(uid: str, patient_id: str, **fields: str) -> InstanceHeader:
    return header(CONTEXT, uid, patient_id=patient_id, **fields)


def case_of(*more: InstanceHeader, **fields: object) -> tuple[Case, Sequence]:
    pet = pet_series(1, patient_id="m07_pet", **fields)
    instances: list[StoredInstance] = stored(*pet, structure_set(pet), *more)
    return Case("1.2.3", (instances[0],), instances[1], ()), instances


def uids(case: Case, instances: Sequence[StoredInstance], pattern: str = "") -> list:
    rules = replace(PATIENT_ID_ALONE, pattern=pattern)
    found = contexts_of(case, instances, rules)
    return [each.header.sop_instance_uid for each in found]


def test_a_context_of_the_study_counts_though_inveon_names_it_otherwise() -> None:
    assert uids(*case_of(context("1.5", "m07_sheet"))) == ["1.5"]


def test_the_context_of_the_pets_own_patient_counts_alone() -> None:
    more = (context("1.5", "m07_pet"), context("1.6", "m08_pet"))

    assert uids(*case_of(*more)) == ["1.5"]


def test_the_context_of_the_same_animal_counts_by_the_sites_pattern() -> None:
    more = (context("1.5", "m07_sheet"), context("1.6", "m08_sheet"))

    assert uids(*case_of(*more), "^(?P<animal>[a-z0-9]+)_") == ["1.5"]


def test_a_context_of_nobody_is_not_used_where_a_study_holds_several_patients() -> None:
    other = pet_series(1, series_instance_uid="1.9", patient_id="m08_pet")

    assert uids(*case_of(*other, context("1.5", "m09"))) == []


def test_a_context_of_another_study_is_not_used() -> None:
    assert uids(*case_of(context("1.5", "m07_pet", study_instance_uid="1.77"))) == []


def test_a_bed_of_several_gets_the_contexts_of_all() -> None:
    more = (context("1.5", "m07_pet"), context("1.6", "m08_pet"))

    assert uids(*case_of(*more, is_group=True, members=("a", "b"))) == ["1.5", "1.6"]


def test_each_animal_of_a_bed_is_a_case_of_its_own() -> None:
    case, instances = case_of()
    found = FoundSubjects((Subject("M07"), Subject("M08")), ("said",))

    cases = supply(case, instances, found, PATIENT_ID_ALONE)

    assert [each.animal_id for each in cases] == ["M07", "M08"]
    assert all(each.warnings == ("said",) for each in cases)


def test_a_hold_names_the_cell_of_the_log_that_was_not_used(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("animal,study_date,weight_g,dose\nm07_pet,2026-03-02,heavy,5\n")
    case, instances = case_of()
    finder = SubjectFinder(replace(PATIENT_ID_ALONE, injection_log=log))
    found = finder.find(case.pet[0].header)
    [supplied] = supply(case, instances, found, finder.rules)

    held = held_case(NoWeightError("no weight"), supplied)

    assert held.reason == "missing_weight"
    assert held.detail.startswith("no weight")
    told = [each for each in held.detail.split(". ") if "injection log" in each]
    assert [each.partition(":")[0] for each in told] == [
        "In the injection log, column dose",
        "In the injection log, column weight_g",
    ]
    assert held.detail.endswith(".")


@pytest.mark.parametrize("weight", ["22.0", "heavy"])
def test_score_asks_the_log_of_the_configuration(tmp_path: Path, weight: str) -> None:
    log = tmp_path / "log.csv"
    row = f"M07,m07_pet,2026-03-02,{weight}"
    log.write_text(f"animal,patient_id,study_date,weight_g\n{row}\n")
    config = tmp_path / "node.toml"
    config.write_text(report_alone(f"[injection_log]\npath = '{log}'\n"))
    study = write_study(tmp_path / "study", PatientWeight=None)[0].parent
    words = (str(study), "--out", str(tmp_path / "out"), "--config", str(config))

    code, out, _ = command("score", *words, "--json")

    document = json.loads(out)
    if weight == "heavy":
        assert code == 3
        [held] = document["held"]
        assert held["reason"] == "missing_weight"
        assert "column weight_g" in held["detail"]
    else:
        assert code == 0
        [result] = document["results"]
        assert (result["animal_id"], result["patient_id"]) == ("M07", "m07_pet")
