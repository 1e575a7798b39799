"""A CT, or an image that is neither PET nor CT, and the regions on its own grid."""

from dicom_io.any_image import read_any_image
from node.case.acquisition import acquisition_of_image
from node.case.joining import joins_onto
from node.case.regions import find_regions
from node.features.measuring import Drawn, ExtractionOptions
from node.readiness.image_matching import ImageMatcher, Wanted
from node.records.objects import StoredInstance


def drawn_on_image(
    source: StoredInstance,
    matcher: ImageMatcher,
    wanted: Wanted,
    options: ExtractionOptions,
) -> Drawn:
    """Return the image that contours are matched to, and their regions on it.

    Raises
    ------
    DicomContentError, ModelError
        With its reason, when there are none.
    """
    match = matcher.match(source, wanted)
    image = read_any_image([instance.path for instance in match.image.instances])
    study = image.study_instance_uid
    grid = image.volume.grid
    joins = joins_onto(grid, source, match.chain, match.accept_frames_of_reference)
    regions = find_regions(source.path, grid, options.regions, joins.affines, study)
    return Drawn(
        volume=image.volume,
        modality=image.modality,
        image=image.series_instance_uid,
        study_instance_uid=study,
        patient_id=image.patient_id,
        animal_id=image.patient_id,
        regions=regions.found,
        statements=(
            *match.statements,
            *joins.said_of(regions.frames_of_reference),
            *regions.statements,
        ),
        held=regions.held,
        acquisition=acquisition_of_image(image, options.suv.zone),
    )
