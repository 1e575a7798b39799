"""Promises of `deciding.log_watch`: what the log changes is decided on again, once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dicom_io.header import ObjectKind
from node.case.commission import subjects_of
from node.deciding.log_watch import LOST_AT_ONCE
from node.ledger import Ledger
from node.records.states import JobState, StudyState
from tests.support.empty_ledger import ledger_in
from tests.support.objects import STUDY, header
from tests.support.sources import ANIMAL, Site, enter, enter_study, weights

ROW = f"{ANIMAL},2026-03-02"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with ledger_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def site(ledger: Ledger, tmp_path: Path) -> Site:
    opened = Site(ledger, tmp_path)
    opened.write("M99,2026-03-02,20,")
    return opened


def test_a_held_study_goes_on_when_its_row_appears(site: Site) -> None:
    enter_study(site.ledger)
    site.settle()
    site.hold()
    assert site.detail().summary.reason == "missing_weight"

    site.write(f"{ROW},24.8,")
    site.settle()

    summary = site.detail().summary
    assert (summary.state, summary.reason, summary.detail) == (
        StudyState.QUEUED,
        "",
        "",
    )
    [job] = site.pending()
    assert weights(job) == [24.8]


def test_a_delivered_study_whose_row_changed_gets_a_revision(site: Site) -> None:
    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    site.settle()
    first = site.compute()

    site.write(f"{ROW},28.4,")
    site.settle()
    second = site.claim()

    assert weights(second) == [28.4]
    [report] = site.ledger.results(first.key)
    assert second.predecessor_sr_uid == report.sop_instance_uid


def test_a_correction_that_is_taken_back_is_a_revision_too(site: Site) -> None:
    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    site.settle()
    first = site.compute()
    site.write(f"{ROW},28.4,")
    site.settle()
    site.compute()

    site.write(f"{ROW},24.8,")
    site.settle()
    third = site.claim()

    assert weights(third) == weights(first)
    assert third.key != first.key


def test_rows_that_move_and_rows_of_others_change_nothing(site: Site) -> None:
    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    site.settle()
    site.compute()

    site.write("M01,2026-03-02,30,", f"{ROW},24.8,", "M02,2026-03-02,31,")
    site.settle()

    assert site.pending() == []
    assert site.ledger.touched_studies(9) == []
    assert site.detail().summary.state is StudyState.DELIVERED


def test_a_change_while_the_node_was_down_is_found_at_its_start(site: Site) -> None:
    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    site.settle()
    site.compute()

    site.write(f"{ROW},28.4,")
    site.start()
    site.settle()

    [job] = site.pending()
    assert weights(job) == [28.4]


def test_a_restart_alone_changes_nothing(site: Site) -> None:
    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    site.settle()
    site.compute()

    site.start()
    site.settle()

    assert site.pending() == []
    assert site.detail().summary.state is StudyState.DELIVERED


def test_another_name_by_another_pattern_decides_nothing_again(site: Site) -> None:
    enter_study(site.ledger)
    site.settle()
    site.compute()
    rules = replace(site.options.subjects, pattern="^(?P<animal>[a-z]+)")
    site.options = replace(site.options, subjects=rules)

    site.start()
    site.settle()

    assert site.ledger.touched_studies(9) == []
    assert site.pending() == []


def test_another_name_in_the_log_makes_a_revision(site: Site) -> None:
    site.log.write_text("animal,patient_id,study_date\nM07,mouse.pet,2026-03-02\n")
    enter_study(site.ledger)
    site.settle()
    site.compute()

    site.log.write_text("animal,patient_id,study_date\nM071,mouse.pet,2026-03-02\n")
    site.settle()

    [job] = site.pending()
    assert [each.animal_id for each in subjects_of(job.case_json)] == ["M071"]


def test_rows_that_contradict_each_other_hold_until_one_is_corrected(
    site: Site,
) -> None:
    site.write(f"{ROW},24.8,", f"{ROW},29.1,")
    enter_study(site.ledger)
    site.settle()
    held = site.detail().summary
    assert (held.state, held.reason) == (StudyState.HELD, "conflicting_sources")
    assert "2 and 3" in held.detail

    site.write(f"{ROW},24.8,")
    site.settle()

    assert site.detail().summary.state is StudyState.QUEUED
    assert weights(site.claim()) == [24.8]


def test_a_contradiction_sets_aside_what_was_still_to_be_computed(site: Site) -> None:
    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    site.settle()

    site.write(f"{ROW},24.8,", f"{ROW},29.1,")
    site.settle()
    assert site.pending() == []

    site.write(f"{ROW},24.8,")
    site.settle()
    assert weights(site.claim()) == [24.8]


def test_a_log_that_cannot_be_read_holds_and_lets_go(site: Site) -> None:
    site.log.unlink()
    enter_study(site.ledger)
    site.settle()
    assert site.detail().summary.reason == "unreadable_log"

    site.write(f"{ROW},24.8,")
    site.settle()

    assert weights(site.claim()) == [24.8]


def test_a_row_that_is_gone_has_the_study_decided_on_again(site: Site) -> None:
    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    site.settle()
    site.compute()

    site.write("M99,2026-03-02,20,")
    site.settle()

    [job] = site.pending()
    assert weights(job) == []


def test_a_log_that_was_begun_anew_leaves_old_results_alone(site: Site) -> None:
    studies = [f"1.5.{number}" for number in range(LOST_AT_ONCE + 1)]
    rows = [f"M{number},2026-03-02,24," for number in range(len(studies))]
    site.write(*rows)
    for number, study in enumerate(studies):
        enter_study(site.ledger, study, patient_id=f"M{number}")
    site.settle()
    for _ in studies:
        site.compute()

    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    site.settle()

    assert [site.pending(study) for study in studies] == [[]] * len(studies)
    assert weights(site.pending()[0]) == [24.8]
    assert any("replay" in each.text for each in site.ledger.events())

    site.write(*rows, f"{ROW},24.8,")
    site.settle()
    assert [site.pending(study) for study in studies] == [[]] * len(studies)


GROUP: dict[str, Any] = {"is_group": True, "members": ("M07", "M08")}


def test_a_bed_whose_rows_come_later_is_split_and_the_whole_is_held_no_more(
    site: Site,
) -> None:
    enter_study(site.ledger, is_group=True, members=("", ""))
    site.settle()
    job = site.claim()
    site.ledger.hold_job(job.key, "several_animals", "two animals", job.created_at)

    site.write(f"M07,2026-03-02,24,left,{STUDY}", f"M08,2026-03-02,25,right,{STUDY}")
    site.log.write_text(
        site.log.read_text().replace("bed_position", "bed_position,study_instance_uid")
    )
    site.settle()

    assert sorted(str(weights(job)[0]) for job in site.pending()) == ["24.0", "25.0"]
    assert site.detail().summary.state is StudyState.QUEUED
    site.compute()
    site.compute()
    assert site.detail().summary.state is StudyState.DELIVERED


def test_a_correction_of_one_animal_leaves_the_others_result_alone(site: Site) -> None:
    site.write("M07,2026-03-02,24,left", "M08,2026-03-02,25,right")
    enter_study(site.ledger, **GROUP)
    site.settle()
    site.compute()
    site.compute()

    site.write("M07,2026-03-02,24,left", "M08,2026-03-02,26,right")
    site.settle()

    [job] = site.pending()
    assert job.line.endswith("/M08")
    assert weights(job) == [26]


def test_an_acquisition_context_that_comes_later_makes_a_revision(site: Site) -> None:
    enter_study(site.ledger)
    site.settle()
    first = site.compute()

    enter(
        site.ledger,
        header(
            ObjectKind.ACQUISITION_CONTEXT, "1.2.3.5.1", series_instance_uid="1.2.3.5"
        ),
    )
    site.settle()

    [job] = site.pending()
    assert job.line == first.line
    assert "1.2.3.5.1" in job.case_json


def test_what_a_job_was_given_is_what_a_restart_computes(site: Site) -> None:
    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    site.settle()
    running = site.claim()
    assert running.state is JobState.RUNNING

    site.ledger.requeue_running(running.created_at)

    assert site.claim().case_json == running.case_json


def test_a_column_that_is_not_read_revises_no_result(site: Site) -> None:
    site.write(f"{ROW},24.8,")
    enter_study(site.ledger)
    enter_study(site.ledger, "1.2.4", patient_id="of_no_row")
    site.settle()
    site.compute()
    site.compute()

    header, *rows = site.log.read_text().splitlines()
    for column in ("dose", "dose_kbq"):
        lines = [f"{header},{column}", *(f"{row},5" for row in rows)]
        site.log.write_text("\n".join(lines) + "\n")
        site.settle()

    assert site.pending() + site.pending("1.2.4") == []
