"""Promises of the running service, through associations, processes and commands."""

import time

import pytest

from config.results import SENT
from node.records.kinds import SOP_CLASSES, ResultKind
from tests.support.pet import ROOT
from tests.support.service import command
from tests.support.shared_service import ServedStudy, SharedService
from tests.support.studies import contours_on, small_study

pytestmark = pytest.mark.system

WAIT_S = 60.0


def test_a_study_comes_in_and_a_scored_study_goes_out(study: ServedStudy) -> None:
    study.store(study.write_small())
    told = study.wait_for("delivered")

    classes = {arrival.sop_class_uid for arrival in study.arrivals()}
    assert classes == {SOP_CLASSES[ResultKind(kind)] for kind in SENT}
    assert [result["roi"] for result in told["results"]] == ["Tumor"]
    (report,) = study.reports()
    assert report.StudyInstanceUID == study.uid


def test_a_study_waits_and_says_for_what(study: ServedStudy) -> None:
    study.store(study.write_small()[:9])
    deadline = time.monotonic() + WAIT_S
    detail = ""
    # What it waits for is told anew while the slices come in.
    while "9 of 12 PET slices" not in detail and time.monotonic() < deadline:
        detail = study.wait_for("waiting")["detail"]

    assert "9 of 12 PET slices" in detail
    assert "RTSTRUCT missing" in detail


def test_objects_may_come_in_any_order_over_several_associations(
    study: ServedStudy,
) -> None:
    paths = study.write_small()
    study.store([paths[-1], *paths[6:12]])
    study.store(paths[:6])
    study.wait_for("delivered")

    study.reports(1)


def test_results_that_a_pacs_routes_back_are_stored_and_not_scored(
    study: ServedStudy,
) -> None:
    study.store(study.write_small())
    study.wait_for("delivered")
    sent = study.arrivals()
    study.store([arrival.path for arrival in sent])
    time.sleep(2.5)
    told = study.wait_for("delivered")

    assert len(told["jobs"]) == 1
    assert len(study.arrivals()) == len(sent)


def test_revised_contours_make_a_revision_that_names_its_predecessor(
    study: ServedStudy,
) -> None:
    pet, contours = small_study()
    revised = contours_on(pet[:12], SOPInstanceUID=f"{ROOT}.1.3.77")
    revised.StructureSetLabel = "revised"
    study.store(study.write(*pet, contours))
    study.wait_for("delivered")
    study.store(study.write(revised))
    first, second = study.reports(2)

    predecessor = second.PredecessorDocumentsSequence[0]
    named = predecessor.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert named.ReferencedSOPInstanceUID == first.SOPInstanceUID


def test_replay_sends_again_what_would_not_change(
    service: SharedService, study: ServedStudy
) -> None:
    study.store(study.write_small())
    study.wait_for("delivered")
    before = [arrival.path.read_bytes() for arrival in study.arrivals()]
    code, out, _ = command("replay", study.uid, "--config", str(service.config))
    twice = 2 * len(before)
    assert service.archive.wait_for(lambda _: len(study.arrivals()) == twice, WAIT_S)

    after = [arrival.path.read_bytes() for arrival in study.arrivals()[len(before) :]]
    assert code == 0
    assert "would not change" in out
    assert sorted(after) == sorted(before)


def test_a_study_that_cannot_be_scored_is_held_with_its_reason(
    study: ServedStudy,
) -> None:
    study.store(study.write_small(PatientWeight=None))
    told = study.wait_for("held")

    assert told["reason"] == "missing_weight"
    assert "PatientWeight" in told["detail"]
