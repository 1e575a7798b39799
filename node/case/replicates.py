"""Further reconstructions of a case's scan, in SUVbw.

Design choice: one that cannot be read or converted costs the case nothing but a
statement. It only says how far the score moves with the reconstruction.
"""

from dataclasses import dataclass, replace

from dicom_io.errors import DicomContentError
from dicom_io.suv.rule import SuvRules
from model.errors import ModelError
from model.grid import Volume, require_same_grid
from node.case.suv_image import SuvImage, read_suv
from node.records import Case


@dataclass(frozen=True, eq=False)
class Replicates:
    """Further reconstructions.

    Attributes
    ----------
    volumes : tuple of Volume
        SUVbw, g/ml, on the grid of the case's PET.
    statements : tuple of str
        Which take part, and which do not, and why.
    """

    volumes: tuple[Volume, ...]
    statements: tuple[str, ...]


def read_replicates(case: Case, image: SuvImage, rules: SuvRules) -> Replicates:
    """Return the other reconstructions of a case's scan.

    Parameters
    ----------
    case : Case
    image : SuvImage
        Of the case.
    rules : SuvRules
    """
    volumes: list[Volume] = []
    statements: list[str] = []
    for series in case.replicates:
        uid = series[0].header.series_instance_uid
        try:
            other = read_suv(replace(case, pet=series), rules)
            require_same_grid(image.suv.grid, other.suv.grid)
        except (DicomContentError, ModelError) as error:
            statements.append(
                f"PET series {uid}, another reconstruction of the scan, is not used "
                f"for the sensitivity range: {error}"
            )
            continue
        volumes.append(other.suv)
        statements.append(
            f"PET series {uid} is another reconstruction of the scan; the sensitivity "
            "range of the scores is made with it."
        )
    return Replicates(tuple(volumes), tuple(statements))
