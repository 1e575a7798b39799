"""Counts of Philips scanners, and the private factors that they are multiplied by.

Design choice: the SUV scale factor (7053,1000) gives SUVbw and is asked first; the
activity concentration scale factor (7053,1009) gives Bq/ml where the former is absent
or 0, as Philips writes it without a weight or dose. What a slice says is its own; all
slices must say the same of the two.

Design choice: an image that is not corrected for decay holds for another instant in
every frame, which no SUV factor of a series can know. There the activity factor counts,
and without it the study is held.
"""

from collections.abc import Sequence

from pydicom.dataset import Dataset

from dicom_io.attributes import text
from dicom_io.pet.units import UnsupportedUnitsError
from dicom_io.private_elements import (
    PHILIPS_ACTIVITY_FACTOR,
    PHILIPS_SUV_FACTOR,
    PrivateElement,
    private_number,
)

_SUV_BY_BODY_WEIGHT = frozenset({"", "BW"})


def factors_to_suv(headers: Sequence[Dataset]) -> tuple[float, ...] | None:
    """Return what counts are multiplied by to be SUVbw; None where nothing says so.

    Parameters
    ----------
    headers : sequence of Dataset
        By slice index.

    Returns
    -------
    tuple of float or None
        By slice index.

    Raises
    ------
    UnsupportedUnitsError
        When some slices say it and others do not, or it is no SUV by body weight.
    """
    found = _factors(headers, PHILIPS_SUV_FACTOR)
    suv_type = text(headers[0], "SUVType")
    if found is not None and suv_type not in _SUV_BY_BODY_WEIGHT:
        fact = f"CNTS with {PHILIPS_SUV_FACTOR} and SUV Type {suv_type}"
        raise UnsupportedUnitsError(headers[0], fact, "SUVType")
    return found


def factors_to_activity(headers: Sequence[Dataset]) -> tuple[float, ...]:
    """Return what counts are multiplied by to be Bq/ml, by slice index.

    Raises
    ------
    UnsupportedUnitsError
        When a slice does not say it.
    """
    found = _factors(headers, PHILIPS_ACTIVITY_FACTOR)
    if found is None:
        fact = (
            f"CNTS, and neither {PHILIPS_SUV_FACTOR} nor {PHILIPS_ACTIVITY_FACTOR} says"
            " what they stand for in an image with this decay correction"
        )
        raise UnsupportedUnitsError(headers[0], fact)
    return found


def _factors(
    headers: Sequence[Dataset], element: PrivateElement
) -> tuple[float, ...] | None:
    found = [private_number(header, element) or 0.0 for header in headers]
    said = [factor > 0 for factor in found]
    if not any(said):
        return None
    if not all(said):
        silent = headers[said.index(False)]
        raise UnsupportedUnitsError(silent, f"CNTS without {element} in some slices")
    return tuple(found)
