"""Promises of the running service about multi-frame PET."""

import pytest

from tests.support.enhanced_pet import (
    ENHANCED_UID,
    drawn_on_frames,
    enhanced_dataset,
)
from tests.support.shared_service import ServedStudy
from tests.support.studies import TUMOUR_VOXELS, small_study

pytestmark = pytest.mark.system


def test_a_study_with_enhanced_pet_comes_in_and_goes_out_scored(
    study: ServedStudy,
) -> None:
    pet, contours = small_study()
    image = enhanced_dataset(pet)
    drawn_on_frames(contours, image)
    # The contours first: they wait for the image that they name.
    study.store(study.write(contours, image))
    told = study.wait_for("delivered", "held")
    (report,) = study.reports()
    (result,) = told["results"]
    assert result["voxels"] == TUMOUR_VOXELS
    assert result["suv_rule"].startswith("Enhanced PET, Bq/ml")
    evidence = str(report.CurrentRequestedProcedureEvidenceSequence)
    assert study.uid_of(ENHANCED_UID) in evidence
