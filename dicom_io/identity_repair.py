"""Files whose meta information names another object than their data set does.

Tools that rename objects often change the data set alone. A storage SCU announces what
the meta information says, and the receiver then refuses the mismatch; so whoever sends
files of unknown origin lets the data set speak.
"""

from pathlib import Path

from dicom_io.errors import DicomContentError
from dicom_io.limits import DEFAULT_LIMITS
from dicom_io.part10 import read_dataset, write_dataset


def named_by_data_set(path: Path, folder: Path) -> Path:
    """Return the file, or a copy whose meta information agrees with its data set.

    Parameters
    ----------
    path : Path
        What cannot be read is returned as it is; whoever sends it will say why not.
    folder : Path
        Where a copy is written, under a name made of its number in the folder.

    References
    ----------
    * DICOM PS3.10 section 7.1, *Media Storage SOP Instance UID* (0002,0003).
    """
    try:
        dataset = read_dataset(path, limits=DEFAULT_LIMITS)
    except DicomContentError:
        return path
    meta = dataset.file_meta
    announced = (
        meta.get("MediaStorageSOPClassUID"),
        meta.get("MediaStorageSOPInstanceUID"),
    )
    own = (dataset.get("SOPClassUID"), dataset.get("SOPInstanceUID"))
    if announced == own or not all(own):
        return path
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = own
    copy = folder / f"{len(list(folder.iterdir())):08d}.dcm"
    write_dataset(dataset, copy)
    return copy
