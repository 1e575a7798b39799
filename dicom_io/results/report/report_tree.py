"""The content tree of a measurement report (PS3.16 TID 1500).

Language, the software as observer, the procedure, the image library, a measurement
group per region, and, in *Qualitative Evaluations*, how the numbers came about. What
else belongs to the result stands in a container of ours at the end.

Design choice: image library and evidence name the slices that the regions lie on, and
not the rest of the series, on which nothing was measured (PS3.16 TID 1600). Of a mean
over time frames they name the same slices of all of them; contours lie on the first.

Design choice: a series of single images is named by its first image. A reader that
finds one finds the series, and a list of three hundred is read by nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pydicom.uid import ParametricMapStorage

from dicom_io import codes
from dicom_io.pet.series import InstanceReference, PetSeries
from dicom_io.results.finding_site import finding_site, laterality
from dicom_io.results.report import report_concepts as concepts
from dicom_io.results.report.content_items import (
    HAS_CONCEPT_MOD,
    HAS_OBS_CONTEXT,
    ContentItems,
)
from dicom_io.results.report.image_library import image_library
from dicom_io.results.report.image_regions import image_regions
from dicom_io.results.report.measurement_group import (
    GroupPlace,
    measurement_group,
    related_item,
    segment_region,
)
from dicom_io.results.report.provenance import qualitative_evaluations
from dicom_io.results.report.report_content import RelatedObject, ReportContent
from dicom_io.results.tracking import track
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import Equipment, ObjectIdentity, derived_uid


@dataclass(frozen=True, eq=False)
class ReportTree:
    """What the content tree of a report is made of.

    Attributes
    ----------
    series : PetSeries
    content : ReportContent
    identity : ObjectIdentity
    equipment : Equipment
    segmentation : SourceReference or None
        Whose segments are the regions; they are outlines on the slices if None.
    """

    series: PetSeries
    content: ReportContent
    identity: ObjectIdentity
    equipment: Equipment
    segmentation: SourceReference | None = None

    def items(self, items: ContentItems) -> Iterator[bytes]:
        """Give what is below the root, encoded."""
        content = self.content
        yield items.code(concepts.LANGUAGE_OF_CONTENT, codes.LANGUAGE, HAS_CONCEPT_MOD)
        yield from self._observer(items)
        yield items.code(
            concepts.PROCEDURE_REPORTED,
            codes.PET_OF_UNSPECIFIED_REGION,
            HAS_CONCEPT_MOD,
        )
        yield image_library(
            items, self.series, self._slices, self._averaged, self._maps
        )
        yield items.container(concepts.IMAGING_MEASUREMENTS, self._groups(items))
        yield qualitative_evaluations(
            items,
            content.conversion,
            content.statements,
            content.context,
            self.identity.job_key,
        )
        if content.of_case:
            others = (related_item(items, each) for each in content.of_case)
            yield items.container(codes.OBJECTS_OF_RESULT, others)

    def evidence(self) -> list[SourceReference]:
        """Return every object that the tree refers to, each once."""
        series = self.series
        images = (
            SourceReference(
                image.sop_class_uid,
                image.sop_instance_uid,
                series.study_instance_uid,
                series.series_instance_uid,
            )
            for image in (*self._slices, *self._averaged)
        )
        named = (each.reference for each in self._related())
        segments = () if self.segmentation is None else (self.segmentation,)
        # Frames and segments of one object are one piece of evidence.
        return list(dict.fromkeys((*images, *named, *segments)))

    def _observer(self, items: ContentItems) -> Iterator[bytes]:
        """Give this software as the observer (PS3.16 TID 1004)."""
        made_by = self.equipment
        uid = derived_uid(self.identity.uid_root, "device", made_by.serial_number)
        yield items.code(concepts.OBSERVER_TYPE, concepts.DEVICE, HAS_OBS_CONTEXT)
        yield items.uid(concepts.DEVICE_UID, uid, HAS_OBS_CONTEXT)
        for name, text in (
            (concepts.DEVICE_NAME, made_by.station_name),
            (concepts.DEVICE_MANUFACTURER, made_by.manufacturer),
            (concepts.DEVICE_MODEL_NAME, made_by.model_name),
            (concepts.DEVICE_SERIAL_NUMBER, made_by.serial_number),
        ):
            yield items.text(name, text, HAS_OBS_CONTEXT)

    def _groups(self, items: ContentItems) -> Iterator[bytes]:
        series, content = self.series, self.content
        header = series.headers[0]
        site = finding_site(header, content.finding_site)
        rois = [assessment.roi for assessment in content.assessments]
        tracked = track(content.animal_in(series), rois, self.identity.uid_root)
        for region, tracking in enumerate(tracked):
            yield measurement_group(
                items,
                content.assessments[region],
                tracking,
                GroupPlace(self._regions(items, region), site, laterality(header)),
                (self._contours, *content.of_regions[region]),
                content.conversion.dose_share,
            )

    def _regions(self, items: ContentItems, region: int) -> Sequence[bytes]:
        if self.segmentation is None:
            mask = self.content.assessments[region].mask
            return image_regions(items, mask, self.series.instances)
        pet = self.series.series_instance_uid
        return segment_region(items, self.segmentation, region + 1, pet)

    @property
    def _contours(self) -> RelatedObject:
        return RelatedObject(codes.CONTOUR_SOURCE, self.content.contour_source)

    def _related(self) -> Iterator[RelatedObject]:
        yield self._contours
        for related in self.content.of_regions:
            yield from related
        yield from self.content.of_case

    @cached_property
    def _used(self) -> list[int]:
        """The indices of the slices that the regions lie on."""
        masks = (assessment.mask.inside for assessment in self.content.assessments)
        used = np.any([mask.any(axis=(1, 2)) for mask in masks], axis=0)
        return np.flatnonzero(used).tolist()

    @cached_property
    def _slices(self) -> list[InstanceReference]:
        return [self.series.instances[k] for k in self._used]

    @cached_property
    def _averaged(self) -> list[InstanceReference]:
        """The same slices of further time frames that the volume is the mean of."""
        averaged, count = self.series.averaged_instances, len(self.series.instances)
        return [
            averaged[start + k]
            for start in range(count, len(averaged), count)
            for k in self._used
        ]

    @cached_property
    def _maps(self) -> list[InstanceReference]:
        return [
            InstanceReference(ref.sop_class_uid, ref.sop_instance_uid)
            for ref in (each.reference for each in self._related())
            if ref.sop_class_uid == ParametricMapStorage
        ]
