"""The words of a summary page: what its numbers are, and how they came about."""

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo

from dicom_io.animal_facts import animal_facts
from dicom_io.results.images.map_content import INDEX_DISCLAIMER
from dicom_io.scan_facts import ScanFacts
from model.page.summary.page import Figures, Heading, Headline, Reading, Scale, Uptake
from model.score.assessment import RoiAssessment, SensitivityBasis
from model.score.score_model import Calibration
from model.suv import DoseShare
from node.case.objects.findings import Findings
from node.case.objects.planned import Plan
from node.records.kinds import ResultKind

_SHUFFLED = "its voxels shuffled"
_BQ_PER_MBQ = 1e6
_SECONDS_PER_MINUTE = 60.0
_GRAMS_PER_KG = 1000.0
_DIGEST = 16
_LONG_UID = re.compile(r"\b[0-2](?:\.[0-9]{1,60}){5,30}\b")
_UID_END = 12
_BASIS = {
    SensitivityBasis.PERTURBATION: "contour moved, noise added",
    SensitivityBasis.REPLICATES: "replicate reconstructions",
}


def heading_of(
    findings: Findings, facts: ScanFacts, region: str, place: str = ""
) -> Heading:
    """Return whom and what a page is about.

    Parameters
    ----------
    findings : Findings
    facts : ScanFacts
        Of the PET.
    region, place : str
    """
    animal = animal_facts(findings.image.series.headers[0])
    found = findings.assessments[0].circumstances
    weight_g = findings.image.conversion.numbers.get("weight_g")
    details = (
        animal.species or _assumed(found.species),
        animal.strain,
        animal.sex,
        "" if weight_g is None else weight_in_words(weight_g),
        animal.group,
    )
    return Heading(
        animal_id=findings.image.animal_id,
        region=region,
        scanned=scanned_in_words(facts),
        details=tuple(filter(None, details)),
        place=place,
    )


def _assumed(species: str) -> str:
    """Return the species that the configuration says of images that state none."""
    return f"{species} (configured)" if species else ""


def scanned_in_words(facts: ScanFacts) -> str:
    """Return when an image was made, as far as it says."""
    if facts.scanned_at is not None:
        return instant_in_words(facts.scanned_at)
    return facts.scanned_on.isoformat() if facts.scanned_on else "date not stated"


def instant_in_words(instant: datetime, zone: tzinfo | None = None) -> str:
    """Return an instant with its offset, in its own zone or another."""
    local = instant if zone is None else instant.astimezone(zone)
    # Of a zone by its name, %z is the offset of that day.
    return f"{local:%Y-%m-%d %H:%M} {local:%z}"


def weight_in_words(weight_g: float) -> str:
    """Return a body weight in the unit in which people state it."""
    if weight_g < _GRAMS_PER_KG:
        return f"{weight_g:.4g} g"
    return f"{weight_g / _GRAMS_PER_KG:.4g} kg"


def headline_of(found: RoiAssessment) -> Headline:
    """Return the number that the page is there for."""
    moves = found.sensitivity
    return Headline(
        title=found.score_model.title,
        value=found.score,
        low=moves.low if moves else None,
        high=moves.high if moves else None,
        verdict=_verdict(found),
    )


def _verdict(found: RoiAssessment) -> str:
    """Return probability and class with their cohort, or why there are none."""
    if found.probability is not None:
        return _stated(found, found.probability)
    if found.score is None:
        return "No score: see the warnings"
    why = ""
    if not found.inside_domain:
        why = ": not what the model was made for"
    elif _is_uncalibrated(found):
        why = ": the score is not calibrated here"
    return f"No probability and no class{why}"


def _stated(found: RoiAssessment, probability: float) -> str:
    model = found.score_model
    # Before all that may be too long for the page.
    begun = "Uncalibrated probability" if _is_uncalibrated(found) else "Probability"
    called = "" if found.exhausted is None else _class(exhausted=found.exhausted)
    return f"{begun} {100.0 * probability:.0f} %{called}, of: {model.outcome}"


def _is_uncalibrated(found: RoiAssessment) -> bool:
    return found.score_model.calibration is Calibration.NONE


def _class(*, exhausted: bool) -> str:
    return f", class {'exhausted' if exhausted else 'not exhausted'}"


def scale_of(found: RoiAssessment) -> Scale:
    """Return what stands beside the score on its axis."""
    readings = [
        Reading(name, score)
        for name, score in found.readings.items()
        if name != found.score_model.name
    ]
    if found.shuffled is not None:
        readings.append(Reading(_SHUFFLED, found.shuffled.mean))
    stated = found.probability is not None or found.exhausted is not None
    return Scale(tuple(readings), found.score_model.cut_off if stated else None)


def uptake_of(found: RoiAssessment, dose: DoseShare) -> Uptake:
    """Return the table of uptake.

    Parameters
    ----------
    found : RoiAssessment
    dose : DoseShare
    """
    suv, more = found.suv, found.uptake
    known = dose.percent is not None
    rows = [
        Figures(name, (value, dose.of(value)) if known else (value,))
        for name, value in (
            ("Mean", suv.mean),
            ("Median", suv.median),
            ("Maximum", suv.maximum),
            (f"Peak, {more.peak_diameter_mm:g} mm sphere", more.peak),
            ("Minimum", suv.minimum),
            ("Standard deviation", suv.standard_deviation),
        )
    ]
    threshold = f"MTV at {more.mtv_threshold_percent:g} % of maximum"
    rows += [
        Figures(f"Volume, {found.mask.voxels} voxels", (suv.volume_ml,), "ml"),
        Figures(threshold, (more.mtv_ml,), "ml"),
        Figures("TLG, total lesion glycolysis", (more.tlg_g,), "g"),
    ]
    columns = ("SUV (g/ml)", *((dose.name,) if known else ()))
    return Uptake(columns, tuple(rows))


def provenance_of(
    findings: Findings, plan: Plan, found: RoiAssessment | None
) -> Iterator[tuple[str, str]]:
    """Give how the numbers came about, most important first.

    Parameters
    ----------
    findings : Findings
    plan : Plan
    found : RoiAssessment or None
        The region, where the page is one region's.
    """
    model = findings.assessments[0].score_model
    conversion, zone = findings.image.conversion, plan.options.suv.zone
    yield "Model", f"{model.name} {model.version}, sha256 {model.sha256[:_DIGEST]}"
    yield "SUV", conversion.rule
    inputs = ", ".join(_inputs(findings))
    if inputs:
        yield "Inputs", inputs
    equipment = plan.options.equipment
    computed = instant_in_words(plan.job.created_at, zone)
    yield "Software", f"{equipment.model_name} {equipment.software_version}, {computed}"
    yield "Job", plan.job.key[:_DIGEST]
    if found is not None and found.sensitivity is not None:
        yield "Sensitivity", _BASIS[found.sensitivity.basis]
    if found is not None and found.score_map is not None:
        yield "Map", f"{INDEX_DISCLAIMER}, radius {model.map_radius_mm:g} mm"
    context = ", ".join(f"{name} {value}" for name, value in findings.image.context)
    if context:
        yield "Recorded", context
    revised = findings.predecessors.get(ResultKind.REPORT)
    if revised is not None:
        yield "Revises", revised.sop_instance_uid
    yield "Study", findings.image.series.study_instance_uid


def _inputs(findings: Findings) -> Iterator[str]:
    """Give the numbers behind SUV that people check."""
    numbers = findings.image.conversion.numbers
    weight_g, dose_bq = numbers.get("weight_g"), numbers.get("injected_activity_bq")
    if weight_g is not None:
        yield weight_in_words(weight_g)
    if dose_bq is not None:
        yield f"{dose_bq / _BQ_PER_MBQ:.4g} MBq injected"
    uptake_min = findings.assessments[0].circumstances.uptake_min
    if uptake_min is not None:
        yield f"uptake {uptake_min:.0f} min"
    half_life_s = numbers.get("half_life_s")
    if half_life_s is not None:
        yield f"half-life {half_life_s / _SECONDS_PER_MINUTE:.4g} min"
    route = findings.assessments[0].circumstances.route
    if route:
        yield route


def warnings_of(findings: Findings, found: RoiAssessment | None) -> tuple[str, ...]:
    """Return what a reader must know, each once, with the ends of long UIDs.

    The region's own first, then what has no result, then what its SUV hangs on; how the
    objects were brought together last.
    """
    said = (
        *(() if found is None else found.warnings),
        *(f"{held.reason}: {held.detail}" for held in findings.held),
        *findings.image.conversion.statements,
        *findings.statements,
    )
    return tuple(dict.fromkeys(_LONG_UID.sub(_end_of_uid, each) for each in said))


def _end_of_uid(found: re.Match[str]) -> str:
    # The report has all of it; a line of the page would hold nothing else.
    return f"…{found.group()[-_UID_END:]}"
