"""Which images of a folder are measured, by the modality that is asked for.

ANY is the PET that fits the contours, else the CT, else any other image. NIfTI files
count among the others: they say no modality.

Design choice: a PET that fits and cannot be measured (a weight is missing) is held. It
is not passed over for a CT, whose features would be taken for the PET's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from dicom_io.errors import DicomContentError
from dicom_io.header import ObjectKind
from model.errors import ModelError
from node.deciding.subjects import SubjectFinder
from node.failure import held_by
from node.features.ct_on_pet import ct_drawn_on_pet
from node.features.measuring import Drawn, ExtractionOptions, RoiFeatures, measured
from node.features.nifti_masks import drawn_on_nifti
from node.features.other_image import drawn_on_image
from node.features.pet_image import drawn_on_pet
from node.folder import FolderContents, no_dicom
from node.readiness.assess import assess_readiness
from node.readiness.image_matching import ImageMatcher, Wanted
from node.records.cases import Case, Held, Ready
from node.records.objects import StoredInstance
from node.scoring import cases_of

_CONTOURS = (ObjectKind.STRUCTURE_SET, ObjectKind.SEGMENTATION)
_NO_FIT = frozenset(
    {"no_dicom", "no_pet", "no_ct", "no_roi", "frame_of_reference", "roi_outside_image"}
)
"""Why contours are held that belong to another image."""


@dataclass
class Extraction:
    """What came of the regions of a folder.

    Attributes
    ----------
    found : list of RoiFeatures
    held : list of Held
    """

    found: list[RoiFeatures] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def take(
        self,
        draw: Callable[[], Drawn],
        options: ExtractionOptions,
        study_instance_uid: str | None,
    ) -> None:
        """Measure what is drawn, or hold the study for which nothing can be."""
        try:
            for each in measured(draw(), options.profile):
                if isinstance(each, Held):
                    self.held.append(each)
                else:
                    self.found.append(each)
        except (DicomContentError, ModelError) as error:
            self.held.append(held_by(error, study_instance_uid))


def extract_pet_features(
    contents: FolderContents, options: ExtractionOptions
) -> Extraction:
    """Return the PET features of every region, of SUVbw on the PET's grid.

    Parameters
    ----------
    contents : FolderContents
    options : ExtractionOptions
    """
    ready, held = _ready(contents, options)
    return _of_pets(contents, options, ready, held)


def extract_ct_features(
    contents: FolderContents, options: ExtractionOptions
) -> Extraction:
    """Return the CT features of every region, on the CT's grid or on the PET's.

    Contours go with the CT series that they name or that lies in their frame of
    reference, else with the one that registrations or a site's rule join to it
    (`node.readiness.image_matching`), also when they were drawn on the PET.
    """
    if not options.ct_on_pet:
        return _of_images(contents, options, Wanted.CT)
    ready, held = _ready(contents, options)
    extraction = Extraction(held=[*contents.unreadable, *held])
    matcher = ImageMatcher(contents.instances, options.matching)
    for case in ready:
        extraction.take(
            partial(ct_drawn_on_pet, case, matcher, options),
            options,
            case.study_instance_uid,
        )
    return extraction


def extract_any_features(
    contents: FolderContents, options: ExtractionOptions
) -> Extraction:
    """Return the features of the PET that fits, else of the CT, else of the others."""
    ready, held = _ready(contents, options)
    on_pet = _of_pets(contents, options, ready, held)
    if ready or not _is_no_fit(held):
        return on_pet
    on_ct = _of_images(contents, options, Wanted.CT)
    if on_ct.found or not _is_no_fit(on_ct.held):
        return on_ct
    on_others = _of_others(contents, options)
    others = any(each.header.kind is ObjectKind.IMAGE for each in contents.instances)
    return on_others if others or contents.nifti else on_pet


def _is_no_fit(held: Iterable[Held]) -> bool:
    return all(each.reason in _NO_FIT for each in held)


def _ready(
    contents: FolderContents, options: ExtractionOptions
) -> tuple[list[Case], list[Held]]:
    """Return the cases of PET and contours that fit, and what is held."""
    if not contents.instances and not contents.unreadable:
        return [], [no_dicom(contents)]
    ready: list[Case] = []
    held: list[Held] = []
    for item in assess_readiness(
        contents.instances, options.matching, settled=True, final=True
    ):
        if isinstance(item, Held):
            held.append(item)
        elif isinstance(item, Ready):
            ready.append(item.case)
    return ready, held


def _of_pets(
    contents: FolderContents,
    options: ExtractionOptions,
    ready: Iterable[Case],
    held: Iterable[Held],
) -> Extraction:
    extraction = Extraction(held=[*contents.unreadable, *held])
    finder = SubjectFinder(options.subjects)
    for fitting in ready:
        for case in cases_of(fitting, contents.instances, finder):
            if isinstance(case, Held):
                extraction.held.append(case)
                continue
            extraction.take(
                partial(drawn_on_pet, case, options),
                options,
                case.study_instance_uid,
            )
    return extraction


def _of_images(
    contents: FolderContents, options: ExtractionOptions, wanted: Wanted
) -> Extraction:
    extraction = Extraction(held=list(contents.unreadable))
    matcher = ImageMatcher(contents.instances, options.matching)
    sources = _sources(contents)
    if not sources:
        extraction.held.append(
            Held(None, "no_roi", "there is no RTSTRUCT or SEG in the folder")
        )
    for source in sources:
        extraction.take(
            partial(drawn_on_image, source, matcher, wanted, options),
            options,
            source.header.study_instance_uid,
        )
    return extraction


def _of_others(contents: FolderContents, options: ExtractionOptions) -> Extraction:
    """Return the features of DICOM images and of NIfTI images; either may be absent."""
    extraction = Extraction(held=list(contents.unreadable))
    if _sources(contents) or not contents.nifti:
        extraction = _of_images(contents, options, Wanted.OTHER)
    if contents.nifti:
        for draw in drawn_on_nifti(contents.nifti, options.regions):
            extraction.take(draw, options, None)
    return extraction


def _sources(contents: FolderContents) -> list[StoredInstance]:
    return [
        instance for instance in contents.instances if instance.header.kind in _CONTOURS
    ]
