"""The sentence: objects in, SUV, masks, scores, result objects out.

Design choice: one region's fault does not cost the others their result. What is held
stands beside what was scored, in the report too.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from dicom_io.errors import DicomContentError
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.scan_facts import scan_facts
from dicom_io.source_reference import SourceReference
from model.errors import ModelError
from model.score.assess import assess_roi
from model.score.assessment import RoiAssessment
from model.suv import SuvConversion
from node.case.acquisition import acquisition_of
from node.case.animals import Share, share_of
from node.case.background import ct_behind
from node.case.circumstances import circumstances_of
from node.case.gate import gate_of
from node.case.joining import joins_of
from node.case.objects.findings import Findings
from node.case.objects.made import Made
from node.case.objects.making import make_objects
from node.case.one_animal import own_subject
from node.case.options import CaseOptions
from node.case.regions import RegionRules, Regions, find_regions
from node.case.replicates import Replicates, read_replicates
from node.case.report import RoiResult, roi_result
from node.case.suv_image import SuvImage, read_suv
from node.case.written import WrittenObject
from node.failure import held_by
from node.records.cases import Case, Held
from node.records.history import TimePoint, before, history_from_json
from node.records.jobs import Job
from node.records.kinds import ResultKind

Writer = Callable[[Sequence[tuple[str, bytes]]], Sequence[Path]]
"""Makes files of names and bytes, durably, and returns where each of them lies."""

_TOGETHER_BYTES = 16 << 20
"""Of objects that are written together: waiting for the disk once is worth it for
hundreds of slices, and the memory of all of them is not."""


@dataclass(frozen=True)
class CaseResult:
    """What came of a case.

    Attributes
    ----------
    results : tuple of RoiResult
        One per region that could be assessed.
    held : tuple of Held
        One per region that could not.
    objects : tuple of WrittenObject
        The SR first; empty when no region could be assessed.
    faults : tuple of str
        Why the objects should not be sent, in words; empty when they may be.
    unheard : str
        Why an external check that was wanted has not judged them, in words; empty when
        it has.
    """

    results: tuple[RoiResult, ...]
    held: tuple[Held, ...]
    objects: tuple[WrittenObject, ...]
    faults: tuple[str, ...] = ()
    unheard: str = ""


def compute_case(
    case: Case,
    options: CaseOptions,
    job: Job,
    write: Writer,
    *,
    predecessors: Mapping[ResultKind, SourceReference] | None = None,
    reported: Callable[[WrittenObject], object] = lambda _: None,
) -> CaseResult:
    """Return the result of a case, its objects written.

    Parameters
    ----------
    case : Case
    options : CaseOptions
    job : Job
        Gives the objects their identity and instants, and the animal's history.
    write : callable
        Is given the objects in the order of `CaseResult.objects`: the SR alone, then
        several at a time.
    predecessors : mapping of ResultKind to SourceReference, or None
        The reports that those of this result revise.
    reported : callable
        Is told of the SR when it is written and the other objects are not made yet,
        unless it is at fault.

    Raises
    ------
    DicomContentError, ModelError
        When nothing of the case can be computed; `node.failure` says who must act.
    """
    findings = _assess(case, options)
    findings = replace(
        findings,
        predecessors=predecessors or {},
        history=_history(job, findings.image, options.suv.zone),
    )
    objects: list[WrittenObject] = []
    faults: list[str] = []
    gate = gate_of(findings, options, case.pet[0].path)
    for some in _together(make_objects(findings, options, job)):
        # Beside each other: one waits for the disk, the other for another process.
        with ThreadPoolExecutor(1) as beside:
            written = beside.submit(_written, some, write)
            found = [fault for made in some for fault in gate.check(made)]
            objects += written.result()
        faults += found
        if some[0].kind is ResultKind.REPORT and not found:
            reported(objects[-1])
    image = findings.image
    statements = (*findings.statements, *image.conversion.statements)
    acquisition = acquisition_of(image.series, options.suv.zone)
    results = tuple(
        replace(
            roi_result(
                found,
                image.series,
                image.conversion,
                statements,
                image.animal_id,
                image.context,
            ),
            acquisition=acquisition,
        )
        for found in findings.assessments
    )
    return CaseResult(
        results, findings.held, tuple(objects), tuple(faults), gate.unheard
    )


def _assess(case: Case, options: CaseOptions) -> Findings:
    image = read_suv(case, options.suv)
    joins = joins_of(case, image.series)
    regions = find_regions(
        case.contours.path,
        image.suv.grid,
        RegionRules(options.rois, options.interpolate_gaps),
        joins.affines,
        case.study_instance_uid,
    )
    share = _share(case, regions, image.series)
    replicates = read_replicates(case, image, options.suv)
    assessments, held = _assessed(case, share, image, replicates, options)
    statements = (
        *case.lineage.statements,
        *case.warnings,
        *joins.said_of(regions.frames_of_reference),
        *regions.statements,
        *share.statements,
        *image.statements,
        *replicates.statements,
    )
    return Findings(
        image=image,
        contour_source=regions.source,
        assessments=assessments,
        held=(*regions.held, *share.held, *held),
        statements=statements,
        subject=_group(case, image.conversion),
        irradiated_at=_irradiated_at(case),
        behind=ct_behind(case, joins, image.series),
    )


def _assessed(
    case: Case,
    share: Share,
    image: SuvImage,
    replicates: Replicates,
    options: CaseOptions,
) -> tuple[tuple[RoiAssessment, ...], tuple[Held, ...]]:
    """Return the result of each region, and the regions that have none."""
    circumstances = circumstances_of(image, options.suv)
    assessments: list[RoiAssessment] = []
    held: list[Held] = []
    for region in share.regions:
        try:
            found = assess_roi(
                region.roi,
                image.suv,
                region.mask,
                options.assessment,
                circumstances,
                replicates.volumes,
            )
        except (DicomContentError, ModelError) as error:
            # One region's fault must not cost the others their result.
            held.append(held_by(error, case.study_instance_uid, roi=region.roi.name))
        else:
            warnings = (*found.warnings, *region.warnings)
            assessments.append(replace(found, warnings=warnings))
    return tuple(assessments), tuple(held)


def _share(case: Case, regions: Regions, series: PetSeries) -> Share:
    """Return the regions of the animal that a case is about; all of a single one."""
    if not case.animal_id:
        return Share(regions.found, (), ())
    return share_of(case, regions.found, series.headers[0])


def _history(job: Job, image: SuvImage, zone: tzinfo) -> tuple[TimePoint, ...]:
    """Return what earlier scans of the animal have given, as the job was told."""
    points = history_from_json(job.history_json) if job.history_json else ()
    if not points:
        return ()
    series = image.series
    return before(
        points, scan_facts(series.headers, zone, series.scan_began_at).scanned_at
    )


def _irradiated_at(case: Case) -> datetime | None:
    subject = own_subject(case)
    return None if subject is None else subject.irradiated_at


def _group(case: Case, conversion: SuvConversion) -> SourceGroupSubject | None:
    """Return who the results are about where it is not the PET's own patient."""
    if not case.animal_id:
        return None
    return SourceGroupSubject(case.animal_id, conversion.numbers.get("weight_g"))


def _together(objects: Iterable[Made]) -> Iterator[list[Made]]:
    """Give objects as they are written: a report alone, others some at a time."""
    waiting: list[Made] = []
    for made in objects:
        if made.kind is ResultKind.REPORT:
            yield [made]
            continue
        waiting.append(made)
        if sum(len(each.content) for each in waiting) >= _TOGETHER_BYTES:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _written(objects: Sequence[Made], write: Writer) -> list[WrittenObject]:
    paths = write([(made.name, made.content) for made in objects])
    return [
        WrittenObject(
            kind=made.kind,
            sop_class_uid=made.sop_class_uid,
            sop_instance_uid=made.sop_instance_uid,
            series_instance_uid=made.series_instance_uid,
            transfer_syntax_uid=made.transfer_syntax_uid,
            path=path,
            sha256=hashlib.sha256(made.content).hexdigest(),
        )
        for made, path in zip(objects, paths, strict=True)
    ]
