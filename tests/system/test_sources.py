"""Promises of the running service on weight and dose that come from elsewhere.

What else may come of it is promised in ``tests/node/test_values_from_elsewhere.py``.
"""

import json

import pytest

from tests.support.service import command
from tests.support.shared_service import ServedStudy, SharedService
from tests.support.studies import small_study

pytestmark = pytest.mark.system

PATIENT = "m08_pet"
"""Of no other study of the service, so that the row is of this one alone."""


def test_a_study_without_a_weight_goes_on_when_its_row_appears(
    service: SharedService, study: ServedStudy
) -> None:
    assert service.log is not None
    pet, contours = small_study(PatientWeight=None, PatientID=PATIENT)
    contours.PatientID = PATIENT
    study.store(study.write(*pet, contours))
    held = study.wait_for("held")
    code, out, _ = command("studies", "--config", str(service.config), "--json")
    service.log.write(f"M08,{PATIENT},2026-03-02,22.0")
    told = study.wait_for("delivered")

    assert held["reason"] == "missing_weight"
    assert code == 0
    [listed] = [
        each for each in json.loads(out) if each["study_instance_uid"] == study.uid
    ]
    assert listed["reason"] == "missing_weight"
    assert told["reason"] == ""
    assert told["animals"][0]["sources"][0]["weight_g"] == 22.0
    study.reports(1)
