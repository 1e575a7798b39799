"""Promises of the running service about Segmentations as the source of contours.

What else may come of them is promised in ``tests/node/test_segmentations_in.py``.
"""

import pytest

from tests.support.segmentation import painted_tumour
from tests.support.shared_service import ServedStudy
from tests.support.studies import TUMOUR_VOXELS, small_study

pytestmark = pytest.mark.system


def test_a_study_with_a_segmentation_comes_in_and_goes_out_scored(
    study: ServedStudy,
) -> None:
    pet, _ = small_study()
    # The contours first: they wait for the slices that they name.
    study.store(study.write(painted_tumour(pet, "BINARY"), *pet))
    told = study.wait_for("delivered", "held")

    (result,) = told["results"]
    assert result["roi"] == "Tumor"
    assert result["voxels"] == TUMOUR_VOXELS
    study.reports(1)
