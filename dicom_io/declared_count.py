"""What a PET instance says of its series' size (PS3.3 C.8.9.1)."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.lenient import attribute_integer, attribute_text


@dataclass(frozen=True)
class DeclaredCount:
    """What a PET instance says of its series' size (PS3.3 C.8.9.1).

    Attributes
    ----------
    slices : int or None
        *Number of Slices*.
    time_slices : int or None
        *Number of Time Slices*; it counts only for DYNAMIC series.
    related_instances : int or None
        *Number of Series Related Instances*.
    series_type : str or None
        First value of *Series Type*: STATIC, DYNAMIC, GATED, WHOLE BODY.
    """

    slices: int | None
    time_slices: int | None
    related_instances: int | None
    series_type: str | None


def read_declared_count(dataset: Dataset) -> DeclaredCount:
    """Return what a PET instance declares; None for what it leaves open."""
    series_type = attribute_text(dataset, "SeriesType").split("\\")[0].strip()
    return DeclaredCount(
        slices=attribute_integer(dataset, "NumberOfSlices"),
        time_slices=attribute_integer(dataset, "NumberOfTimeSlices"),
        related_instances=attribute_integer(dataset, "NumberOfSeriesRelatedInstances"),
        series_type=series_type or None,
    )
