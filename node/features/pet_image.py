"""A PET in SUV and the regions on it."""

from node.case.acquisition import acquisition_of
from node.case.animals import Share, share_of
from node.case.circumstances import circumstances_of
from node.case.joining import joins_of
from node.case.regions import find_regions
from node.case.report import circumstances_data
from node.case.suv_image import read_suv
from node.features.measuring import Drawn, ExtractionOptions
from node.records.cases import Case


def drawn_on_pet(case: Case, options: ExtractionOptions) -> Drawn:
    """Return the PET in SUV and the regions of the animal that a case is about.

    Raises
    ------
    DicomContentError, ModelError
        With its reason, when there are none.
    """
    image = read_suv(case, options.suv)
    joins = joins_of(case, image.series)
    study = case.study_instance_uid
    regions = find_regions(
        case.contours.path, image.suv.grid, options.regions, joins.affines, study
    )
    share = Share(regions.found, (), ())
    if case.animal_id:
        share = share_of(case, regions.found, image.series.headers[0])
    return Drawn(
        volume=image.suv,
        modality="PET",
        image=image.series.series_instance_uid,
        study_instance_uid=study,
        patient_id=image.series.patient_id,
        animal_id=image.animal_id,
        regions=share.regions,
        statements=(
            *case.lineage.statements,
            *case.warnings,
            *joins.said_of(regions.frames_of_reference),
            *regions.statements,
            *share.statements,
            *image.statements,
            *image.conversion.statements,
        ),
        held=(*regions.held, *share.held),
        circumstances=circumstances_data(circumstances_of(image, options.suv)),
        acquisition=acquisition_of(image.series, options.suv.zone),
    )
