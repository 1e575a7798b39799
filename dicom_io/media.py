"""DICOMDIR: which files a medium holds (PS3.3 F, PS3.10)."""

from pathlib import Path

from pydicom.uid import MediaStorageDirectoryStorage

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

    References
    ----------
    * DICOM PS3.3 F.3.2.2, *Referenced File ID* (0004,1500).
    """
    dataset = read_dataset(path)
    if dataset.file_meta.get("MediaStorageSOPClassUID") != MediaStorageDirectoryStorage:
        return []
    folder = path.resolve().parent
    files: list[Path] = []
    for record in dataset.get("DirectoryRecordSequence", []):
        components = record.get("ReferencedFileID")
        if not components:
            continue
        names = [components] if isinstance(components, str) else list(components)
        file = folder.joinpath(*names).resolve()
        if file.is_relative_to(folder) and file.is_file():
            files.append(file)
    return files
