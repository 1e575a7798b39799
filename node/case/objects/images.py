"""Image series of a result: the segmentation, the PET in SUV, the index in slices."""

from collections.abc import Callable, Iterator
from functools import partial

from dicom_io.results.finding_site import finding_site, laterality
from dicom_io.results.images.map_content import INDEX_DISCLAIMER
from dicom_io.results.images.score_series import build_score_series, layers_of
from dicom_io.results.images.segmentation_object import (
    SegmentContent,
    build_segmentation,
)
from dicom_io.results.images.single_frames import EncodedInstance
from dicom_io.results.images.suv_series import SUV_DESCRIPTION, build_suv_series
from dicom_io.results.tracking import track
from dicom_io.stamp import ObjectIdentity
from node.case.objects.findings import Findings
from node.case.objects.made import Made, made_of
from node.case.objects.planned import SERIES_NUMBERS, Plan, Planned
from node.records.kinds import ResultKind

_DIGITS = 3


def plan_segmentation(_findings: Findings, _plan: Plan) -> Iterator[Planned]:
    """Give the segmentation, segments 1, 2, ... in the order of assessments."""
    yield Planned(
        ResultKind.SEGMENTATION,
        "segmentation",
        "segmentation",
        SERIES_NUMBERS[ResultKind.SEGMENTATION],
        "Regions that were measured",
    )


def plan_suv_series(findings: Findings, _plan: Plan) -> Iterator[Planned]:
    """Give the PET in SUV, an instance a slice."""
    yield Planned(
        ResultKind.SUV_SERIES,
        "suv",
        "suv",
        SERIES_NUMBERS[ResultKind.SUV_SERIES],
        SUV_DESCRIPTION,
        instances=len(findings.image.series.instances),
    )


def plan_score_series(findings: Findings, _plan: Plan) -> Iterator[Planned]:
    """Give the index of regions that do not overlap as one series, then of others."""
    layers = layers_of(findings.assessments)
    for place, regions in enumerate(layers):
        names = ", ".join(findings.assessments[k].roi.name for k in regions)
        yield Planned(
            ResultKind.SCORE_SERIES,
            f"index/{place + 1}",
            f"index-{place + 1}",
            SERIES_NUMBERS[ResultKind.SCORE_SERIES] + place,
            # All that some viewers show of it.
            f"{INDEX_DISCLAIMER}. {names}",
            instances=len(findings.image.series.instances),
            regions=regions,
        )


def make_segmentation(
    planned: Planned, plan: Plan, findings: Findings
) -> Iterator[Made]:
    """Give the segmentation."""
    image, options = findings.image, plan.options
    identity = plan.identity(planned)
    rois = [found.roi for found in findings.assessments]
    header = image.series.headers[0]
    site = finding_site(header, options.objects.finding_site)
    segments = [
        SegmentContent(
            name=found.roi.name,
            mask=found.mask,
            tracking=tracking,
            site=site,
            laterality=laterality(header),
        )
        for found, tracking in zip(
            findings.assessments,
            track(image.animal_id, rois, identity.uid_root),
            strict=True,
        )
    ]
    built = build_segmentation(
        image.series, segments, identity, options.equipment, findings.subject
    )
    yield made_of(planned.kind, planned.name, built)


def make_suv_series(planned: Planned, plan: Plan, findings: Findings) -> Iterator[Made]:
    """Give the images of the PET in SUV."""
    image = findings.image
    instances = build_suv_series(
        image.series,
        (image.suv, image.conversion),
        _identities(planned, plan),
        plan.options.equipment,
        findings.subject,
    )
    yield from _numbered(planned, instances)


def make_score_series(
    planned: Planned, plan: Plan, findings: Findings
) -> Iterator[Made]:
    """Give the images of the index of some regions."""
    instances = build_score_series(
        findings.image.series,
        [findings.assessments[region] for region in planned.regions],
        _identities(planned, plan),
        plan.options.equipment,
        findings.subject,
    )
    yield from _numbered(planned, instances)


def _identities(planned: Planned, plan: Plan) -> Callable[[int], ObjectIdentity]:
    return partial(plan.identity, planned)


def _numbered(planned: Planned, instances: Iterator[EncodedInstance]) -> Iterator[Made]:
    """Give instances as files that sort in the order of slices."""
    digits = max(_DIGITS, len(str(planned.instances)))
    for number, instance in enumerate(instances, start=1):
        yield Made(
            kind=planned.kind,
            name=f"{planned.name}-{number:0{digits}}.dcm",
            sop_class_uid=instance.sop_class_uid,
            sop_instance_uid=instance.sop_instance_uid,
            series_instance_uid=instance.series_instance_uid,
            transfer_syntax_uid=instance.transfer_syntax_uid,
            content=instance.content,
            dataset=instance.dataset,
        )
