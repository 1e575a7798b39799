"""DICOMDIR: which files a medium holds (PS3.3 F, PS3.10)."""

from pathlib import Path

from pydicom.uid import MediaStorageDirectoryStorage

from dicom_io.attributes import items, text, texts
from dicom_io.limits import DEFAULT_LIMITS
from dicom_io.part10 import read_dataset


def media_files(path: Path) -> list[Path]:
    """Return the files that a DICOMDIR names, or none when it is no DICOMDIR.

    Parameters
    ----------
    path : Path
        A DICOM Part 10 file.

    Returns
    -------
    list of Path
        Beside or below the DICOMDIR; a record that points elsewhere, or to a file that
        is not there, is left out.

    Raises
    ------
    UnreadableObjectError, UnreadableValueError, LimitExceededError
        When the file cannot be parsed, or demands too much.

    References
    ----------
    * DICOM PS3.3 F.3.2.2, *Referenced File ID* (0004,1500).
    """
    dataset = read_dataset(path, limits=DEFAULT_LIMITS)
    if (
        text(dataset.file_meta, "MediaStorageSOPClassUID")
        != MediaStorageDirectoryStorage
    ):
        return []
    folder = path.resolve().parent
    named = [
        texts(record, "ReferencedFileID")
        for record in items(dataset, "DirectoryRecordSequence")
    ]
    files = (_below(folder, components) for components in named if components)
    return [file for file in files if file is not None]


def _below(folder: Path, components: tuple[str, ...]) -> Path | None:
    try:
        file = folder.joinpath(*components).resolve()
        return file if file.is_relative_to(folder) and file.is_file() else None
    except (ValueError, OSError, RuntimeError):
        # No path at all: a zero byte, too long, or a loop of links.
        return None
