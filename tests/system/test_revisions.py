"""Promises of the running service about contours that are saved more than once.

What else may come of several saves is promised in ``tests/node/test_saved_again.py``.
"""

import pytest

from tests.support.saves import named_by, pet, save, uid_of
from tests.support.shared_service import ServedStudy

pytestmark = pytest.mark.system


def test_a_second_save_in_a_new_series_revises_the_result(study: ServedStudy) -> None:
    study.store(study.write(*pet(), save(1)))
    study.reports(1)
    study.store(study.write(save(2)))
    first, second = study.reports(2)
    told = study.wait_for("delivered")

    assert named_by(first) == []
    assert named_by(second) == [first.SOPInstanceUID]
    assert sorted(job["state"] for job in told["jobs"]) == ["done", "superseded"]
    said = f"taken as a revision of {uid_of(1)}: same label and regions"
    assert said in second.to_json()
    assert said not in first.to_json()
