"""What tells that two PET series are reconstructions of one scan.

Design choice: the same instants and the same corrections. A series without attenuation
correction, or of other minutes, is another measurement of the animal, and no replicate.
"""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from dicom_io.lenient import attribute_text


@dataclass(frozen=True)
class ScanIdentity:
    """When a PET slice was acquired, and what was corrected (PS3.3 C.8.9.1, C.8.9.4).

    Attributes
    ----------
    acquired : str
        *Acquisition Date* and *Acquisition Time* as they are written.
    frame_duration : str
        *Actual Frame Duration* as it is written.
    units, decay_correction : str
    corrected : tuple of str
        *Corrected Image*, sorted.
    """

    acquired: str
    frame_duration: str
    units: str
    decay_correction: str
    corrected: tuple[str, ...]


def read_scan_identity(dataset: Dataset) -> ScanIdentity | None:
    """Return what a PET slice says of its scan; None where it has no instant."""
    date = attribute_text(dataset, "AcquisitionDate")
    time = attribute_text(dataset, "AcquisitionTime")
    if not date or not time:
        return None
    corrected = attribute_text(dataset, "CorrectedImage").split("\\")
    return ScanIdentity(
        acquired=f"{date} {time}",
        frame_duration=attribute_text(dataset, "ActualFrameDuration"),
        units=attribute_text(dataset, "Units"),
        decay_correction=attribute_text(dataset, "DecayCorrection"),
        corrected=tuple(sorted(filter(None, (word.strip() for word in corrected)))),
    )
