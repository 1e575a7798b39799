"""A scan, as far as it matters to what was injected before it.

Design choice: a header of several animals (PS3.3 C.7.1.4.1.1) is not asked for weight,
dose and injection: what it says would be of none of them, or of one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from pydicom.dataset import Dataset

from dicom_io.attributes import items, name_of, text
from dicom_io.errors import DicomContentError
from dicom_io.pet.half_life import half_life_of
from dicom_io.suv.decay_reference import DecayReferenceError

_GROUP = "GroupOfPatientsIdentificationSequence"


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan, as far as it matters to the injection.

    Attributes
    ----------
    header : Dataset
        Of one of its slices.
    began_at : datetime or None
    zone : tzinfo
        Of dates and times that state none.
    half_life : timedelta or None
    """

    header: Dataset
    began_at: datetime | None
    zone: tzinfo
    half_life: timedelta | None

    @property
    def of_several_animals(self) -> bool:
        """Whether several animals were scanned together."""
        return bool(items(self.header, _GROUP))


def known_half_life(header: Dataset) -> timedelta | None:
    """Return the half-life; None where it is not known, or in doubt."""
    try:
        return half_life_of(header)[0]
    except DicomContentError:
        return None


@contextmanager
def dates_in_range(header: Dataset) -> Iterator[None]:
    """Refuse dates and durations that lie beyond the calendar.

    Raises
    ------
    DecayReferenceError
    """
    try:
        yield
    except OverflowError as error:
        fact = "dates and times lie too far apart"
        raise DecayReferenceError(header, fact) from error


def missing(
    scan: Scan, error: Callable[[Dataset], DicomContentError]
) -> DicomContentError:
    """Return the error of a missing value, or of several animals without one."""
    return (SeveralAnimalsError if scan.of_several_animals else error)(scan.header)


class SeveralAnimalsError(DicomContentError):
    """Several animals were scanned together, and nobody says what each was given."""

    reason = "several_animals"
    remedy = (
        "Enter weight, activity and injection time of each animal in the injection log,"
        " or split the series into one for each animal and send these."
    )

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the PET shows several animals",
            attribute=name_of(_GROUP),
            uid=text(header, "SeriesInstanceUID"),
        )
