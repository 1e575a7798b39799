"""Everything beside the objects that enters a result.

Design choice: `CaseOptions.outside` is what the job's key is made of. A setting that is
not there cannot change a number.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydicom.sr.coding import Code

from dicom_io.codes import ENTIRE_BODY
from dicom_io.stamp import Equipment
from dicom_io.suv.rule import SuvRules
from model.score.assessment_options import AssessmentOptions
from node.records.kinds import MADE, ResultKind


@dataclass(frozen=True)
class RoiPatterns:
    """Which regions are scored, by name; patterns ignore case.

    Attributes
    ----------
    include, exclude : tuple of str
        Shell patterns; a region must match one of the former and none of the latter.
    subtract : tuple of str
        Shell patterns of regions that are taken out of the others, and not scored.
    """

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    subtract: tuple[str, ...] = ()

    def subtracts(self, name: str) -> bool:
        """Return whether a region of this name is taken out of the others."""
        return _matches(name, self.subtract)

    def select(self, name: str) -> bool:
        """Return whether a region of this name is scored."""
        left_out = (*self.exclude, *self.subtract)
        return _matches(name, self.include) and not _matches(name, left_out)


@dataclass(frozen=True)
class ObjectOptions:
    """Which result objects are made, and how they are named.

    Attributes
    ----------
    uid_root : str
        Without the last dot.
    series_number_base : int
        Series number of the SR, which those of the others follow from.
    kinds : frozenset of ResultKind
        What is made.
    finding_site : Code
        Where regions lie, for PETs that do not say it.
    pages : int
        Regions that get a summary page of their own.
    """

    uid_root: str
    series_number_base: int
    kinds: frozenset[ResultKind] = frozenset(MADE)
    finding_site: Code = ENTIRE_BODY
    pages: int = 12


@dataclass(frozen=True)
class CaseOptions:
    """Everything beside the objects that enters a result.

    Attributes
    ----------
    suv : SuvRules
    rois : RoiPatterns
    interpolate_gaps : bool
        Whether slices between contour planes that lie far apart are filled.
    assessment : AssessmentOptions
    objects : ObjectOptions
    equipment : Equipment
    external_check : Path or None
        dciodvfy, where each object is to be judged by it. It changes no object, and is
        in no key.
    """

    suv: SuvRules
    rois: RoiPatterns
    interpolate_gaps: bool
    assessment: AssessmentOptions
    objects: ObjectOptions
    equipment: Equipment
    external_check: Path | None = None

    def outside(self) -> dict[str, Any]:
        """Return the values as plain data, the software version left out.

        What is listed here, and how, is part of every key: a release that lists more
        makes new results of old studies when they are touched, so it must be meant.
        """
        models = (self.assessment.model, *self.assessment.readings)
        return {
            "suv": _suv_data(self.suv),
            "rois": {
                "include": list(self.rois.include),
                "exclude": list(self.rois.exclude),
                "subtract": list(self.rois.subtract),
                "interpolate_gaps": self.interpolate_gaps,
            },
            "models": [[model.name, model.sha256] for model in models],
            "class_when_uncalibrated": self.assessment.class_when_uncalibrated,
            "feature_maps": self.assessment.with_feature_maps,
            "probability_maps": self.assessment.with_probability_map,
            "resolution_mm": self.assessment.resolution_mm,
            "peak_diameter_mm": self.assessment.peak_diameter_mm,
            "metabolic_volume_percent": self.assessment.metabolic_volume_percent,
            "objects": [
                self.objects.uid_root,
                self.objects.series_number_base,
                sorted(self.objects.kinds),
                list(self.objects.finding_site[:3]),
                self.objects.pages,
            ],
            "equipment": [
                self.equipment.manufacturer,
                self.equipment.model_name,
                self.equipment.serial_number,
                self.equipment.station_name,
                self.equipment.institution_name,
            ],
        }


def _suv_data(suv: SuvRules) -> dict[str, Any]:
    limits, sources = suv.limits, suv.sources
    uptake = suv.uptake
    return {
        "species": limits.species,
        "weight_g": list(limits.weight_g),
        "activity_bq": list(limits.activity_bq),
        "uptake_half_lives": list(limits.uptake_half_lives),
        "units_in_doubt": str(suv.units_in_doubt),
        "zone": str(suv.zone),
        "uptake_window_s": [limit.total_seconds() for limit in suv.uptake_window],
        "uptake_s": uptake and [limit.total_seconds() for limit in uptake],
        "check_activity_balance": suv.check_activity_balance,
        "require_attenuation_correction": suv.require_attenuation_correction,
        "precedence": [str(source) for source in sources.precedence],
        "weight_tolerance": sources.weight_tolerance,
        "activity_tolerance": sources.activity_tolerance,
        "injection_tolerance_s": sources.injection_tolerance_s,
    }


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    # Names with brackets, which patterns read as sets of characters, stand for
    # themselves as well.
    called = name.lower()
    lowered = [pattern.lower() for pattern in patterns]
    return called in lowered or any(fnmatchcase(called, each) for each in lowered)
