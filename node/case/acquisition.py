"""How an image was made, as plain data: for results, tables of features, and cohorts.

Design choice: the names are those of the columns of ``features --table``, so that
results of the ledger and rows of a table can be read together.
"""

from datetime import tzinfo

from dicom_io.any_image import AnyImage
from dicom_io.pet.series import PetSeries
from dicom_io.scan_facts import ScanFacts, scan_facts
from model.grid import Grid

Acquisition = dict[str, str | float | None]
"""`series`, `scanned_on`, `scanned_at`, `scanner`, `reconstruction`, `voxel_mm`,
`slice_mm`; None where nothing is stated."""

DIGITS = 6
"""Of spacings in mm; a nanometre is beyond what is written."""


def acquisition_of(series: PetSeries, zone: tzinfo) -> Acquisition:
    """Return how a PET was made, as far as it is stated.

    Parameters
    ----------
    series : PetSeries
    zone : tzinfo
        Of dates and times that state none.
    """
    facts = scan_facts(series.headers, zone, series.scan_began_at)
    grid = series.volume.grid
    return {"series": series.series_instance_uid, **_stated(facts), **spacings_of(grid)}


def acquisition_of_image(image: AnyImage, zone: tzinfo) -> Acquisition:
    """Return how a CT or any other image was made, as far as it is stated.

    Parameters
    ----------
    image : AnyImage
    zone : tzinfo
        Of dates and times that state none.
    """
    facts, grid = scan_facts(image.headers, zone), image.volume.grid
    return {"series": image.series_instance_uid, **_stated(facts), **spacings_of(grid)}


def acquisition_of_file(name: str, grid: Grid) -> Acquisition:
    """Return what is known of an image in a file that is no DICOM."""
    nothing = ScanFacts(None, None, "", "")
    return {"series": name, **_stated(nothing), **spacings_of(grid)}


def _stated(facts: ScanFacts) -> Acquisition:
    at, on = facts.scanned_at, facts.scanned_on
    return {
        "scanned_on": on.isoformat() if on else None,
        "scanned_at": at.isoformat() if at else None,
        "scanner": facts.scanner or None,
        "reconstruction": facts.reconstruction or None,
    }


def spacings_of(grid: Grid) -> Acquisition:
    """Return spacings; in the plane the greater one, where they differ."""
    slices, rows, columns = grid.spacing_mm
    return {
        "voxel_mm": round(max(rows, columns), DIGITS),
        "slice_mm": round(slices, DIGITS),
    }
