"""What nobody entered: weight, activity, or when the injection was."""

from datetime import timedelta

from pydicom.dataset import Dataset

from dicom_io.attributes import name_of, text
from dicom_io.errors import DicomContentError

_START = "RadiopharmaceuticalStartDateTime"


class MissingWeightError(DicomContentError):
    """The weight was not entered."""

    reason = "missing_weight"
    remedy = (
        "Enter weight_g in the injection log, or Patient's Weight at the scanner's"
        " workstation and send again, or decide with `exhaustion-node release UID"
        " --weight-g X`."
    )

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the weight is missing or 0",
            attribute=name_of("PatientWeight"),
            uid=text(header, "SeriesInstanceUID"),
        )


class MissingActivityError(DicomContentError):
    """The injected activity was not entered."""

    reason = "missing_activity"
    remedy = (
        "Enter activity_mbq in the injection log, or Radionuclide Total Dose at the"
        " scanner's workstation and send again, or decide with `exhaustion-node release"
        " UID --activity-mbq X`."
    )

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the injected activity is missing or 0",
            attribute=name_of("RadionuclideTotalDose"),
            uid=text(header, "SeriesInstanceUID"),
        )


class MissingInjectionTimeError(DicomContentError):
    """The instant of the injection was not entered."""

    reason = "missing_injection_time"
    remedy = (
        "Enter injected_at in the injection log, or Radiopharmaceutical Start DateTime"
        " at the scanner's workstation and send again, or decide with `exhaustion-node"
        " release UID --injected-at T`."
    )

    def __init__(self, header: Dataset) -> None:
        super().__init__(
            "the time of the injection is missing",
            attribute=name_of(_START),
            uid=text(header, "SeriesInstanceUID"),
        )


class UnknownInjectionDayError(DicomContentError):
    """Only the time of day is known, and more than one day is plausible."""

    reason = "missing_injection_time"
    remedy = MissingInjectionTimeError.remedy

    def __init__(self, header: Dataset, half_life: timedelta) -> None:
        super().__init__(
            "injection or scan has a time and no date, and with a half-life of"
            f" {half_life.total_seconds() / 3600.0:.1f} h the injection may have been"
            " on the day of the scan or on one before",
            attribute=name_of(_START),
            uid=text(header, "SeriesInstanceUID"),
        )
