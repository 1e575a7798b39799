"""What a classic PET's header says of animal and injection, as it stands there.

Design choice: for people who overrule it and for the record, not for SUV: what cannot
be read counts as not said, and nothing is checked.
"""

from collections.abc import Callable
from datetime import tzinfo
from typing import TypeVar

from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.pet.radiopharmaceutical import (
    dated_injection_at,
    stated_activity_bq,
    stated_weight_kg,
)
from model.administration import Administration, Assay, Source

_GRAMS_PER_KG = 1e3

Value = TypeVar("Value")


def stated_in(header: Dataset, zone: tzinfo) -> Administration:
    """Return what a header says.

    Parameters
    ----------
    header : Dataset
        Of a slice of a classic PET series.
    zone : tzinfo
        Of dates and times that state none.
    """
    weight_kg = _if_readable(lambda: stated_weight_kg(header))
    activity_bq = _if_readable(lambda: stated_activity_bq(header))
    return Administration(
        Source.HEADER,
        "PET header",
        weight_g=None if weight_kg is None else weight_kg * _GRAMS_PER_KG,
        activity=None if activity_bq is None else Assay(activity_bq),
        injected_at=_if_readable(lambda: dated_injection_at(header, zone)),
    )


def _if_readable(read: Callable[[], Value | None]) -> Value | None:
    try:
        return read()
    except DicomContentError:
        return None
