"""All objects of a result, made of values and without anything being computed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pydicom
from pydicom.dataset import Dataset

from config.load import default_settings
from dicom_io.pet.series import PetSeries
from dicom_io.source_reference import SourceReference
from model.grid import Volume
from model.score.assessment import RoiAssessment
from model.suv import SuvConversion
from node.case.objects.findings import Findings
from node.case.objects.making import make_objects
from node.case.options import CaseOptions
from node.case.suv_image import SuvImage
from node.options.case import case_options
from node.records.jobs import Job
from node.records.kinds import MADE, ResultKind
from node.records.states import JobState

CONTOURS = SourceReference(
    "1.2.840.10008.5.1.4.1.1.481.3", "2.25.481", "2.25.1", "2.25.48"
)
CONVERSION = SuvConversion(
    rule="BQML, START, decay reference = Series Time",
    factor=4e-6,
    numbers={"weight_g": 22.0, "injected_activity_bq": 5.5e6, "half_life_s": 6586.2},
)


def findings_of(
    series: PetSeries, assessments: Sequence[RoiAssessment], **overrides: Any
) -> Findings:
    """Return findings about a PET, their fields replaceable."""
    activity = series.volume
    suv = Volume(activity.grid, CONVERSION.factor * activity.values, "g/ml")
    fields: dict[str, Any] = {
        "image": SuvImage(series, suv, CONVERSION, series.patient_id, (), ()),
        "contour_source": CONTOURS,
        "assessments": tuple(assessments),
        "held": (),
        "statements": (),
        "subject": None,
    }
    return Findings(**(fields | overrides))


def options_of(*kinds: ResultKind, **equipment: str) -> CaseOptions:
    """Return the default options, which make some kinds; all if none is named."""
    options = case_options(default_settings())
    objects = replace(options.objects, kinds=frozenset(kinds or MADE))
    made_by = replace(options.equipment, **equipment)
    return replace(options, objects=objects, equipment=made_by)


def made_of_findings(
    findings: Findings, options: CaseOptions | None = None
) -> dict[str, Dataset]:
    """Return every object by the name of its file, as it is read back."""
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    study = findings.image.series.study_instance_uid
    job = Job("0" * 64, study, "line", "{}", JobState.RUNNING, now, 1)
    return {
        made.name: pydicom.dcmread(BytesIO(made.content))
        for made in make_objects(findings, options or options_of(), job)
    }
