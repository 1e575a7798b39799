"""Further reconstructions of a case's scan, in SUVbw.

Design choice: one that cannot be read or converted costs the case nothing but a
statement. It only says how far the score moves with the reconstruction.

Design choice: a series with the same values is a copy, as anonymisers and second
exports make, and no reconstruction of its own. Were it used, it would say that nothing
moves.
"""

from dataclasses import dataclass, replace

import numpy as np

from dicom_io.errors import DicomContentError
from dicom_io.suv.rule import SuvRules
from model.errors import ModelError
from model.grid import Volume, require_same_grid
from node.case.suv_image import SuvImage, read_suv
from node.records.cases import Case

_QUANTISED = 1e-4
"""Of the greatest value: what two exports of one image in 16 bits can differ by."""


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
        if any(_is_copy(other.suv, known) for known in (image.suv, *volumes)):
            statements.append(
                f"PET series {uid} holds the values of another series of the scan, and "
                "is not used for the sensitivity range."
            )
            continue
        volumes.append(other.suv)
        statements.append(
            f"PET series {uid} is another reconstruction of the scan; sensitivity "
            "ranges of scores are made with it."
        )
    return Replicates(tuple(volumes), tuple(statements))


def _is_copy(one: Volume, other: Volume) -> bool:
    first, second = np.asarray(one.values), np.asarray(other.values)
    greatest = np.nanmax(np.abs(first), initial=0.0)
    return np.allclose(
        first, second, rtol=0.0, atol=_QUANTISED * greatest, equal_nan=True
    )
