"""A study from a folder, a zip file or a DICOMDIR, without a network.

Design choice: a folder is read through the same headers, readiness and pipeline as an
association, so that a study that scores here scores there.
"""

import lzma
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from config.refusal import RefusalError
from dicom_io.errors import DicomContentError
from dicom_io.header import InstanceHeader, read_header_file
from dicom_io.limits import DEFAULT_LIMITS, ReadingLimits
from dicom_io.media import media_files
from dicom_io.nifti import is_nifti
from dicom_io.part10 import content_sha256, is_part10
from node.failure import held_by
from node.records.cases import Held
from node.records.objects import StoredInstance

MAXIMUM_ZIP_BYTES = 20 * 2**30
"""Most that a zip file may unpack to: several dynamic studies, and no bomb."""

MAXIMUM_ZIP_FILES = 500_000
"""Most files that a zip file may hold: a folder for each is made."""

_DICOMDIR = "DICOMDIR"
_CHUNK = 2**20
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    MemoryError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What comes of damaged zip files, and of what the library cannot unpack."""
_UNSAFE = re.compile(r"[^\w .-]")
_LONGEST_NAME = 255
"""Bytes that file systems allow."""
_DEEPEST = 8


@dataclass(frozen=True)
class FolderContents:
    """What was found.

    Attributes
    ----------
    instances : tuple of StoredInstance
        In the order of their paths; an object that is there twice counts once.
    unreadable : tuple of Held
        DICOM files of which no header could be read, or that contradict each other.
    skipped : int
        Files that are no DICOM objects.
    nifti : tuple of Path
        Those of them that bear a name of NIfTI files, for who can use them.
    """

    instances: tuple[StoredInstance, ...]
    unreadable: tuple[Held, ...]
    skipped: int
    nifti: tuple[Path, ...] = ()


@contextmanager
def opened_source(source: Path) -> Iterator[list[Path]]:
    """Give the files of a folder, a zip file or a DICOMDIR, while the context lasts.

    Parameters
    ----------
    source : Path

    Raises
    ------
    SourceError
        When it is none of the three, or a zip file that cannot be unpacked.
    """
    if source.is_dir():
        yield sorted(path for path in source.rglob("*") if path.is_file())
    elif zipfile.is_zipfile(source):
        with tempfile.TemporaryDirectory(prefix="exhaustion-node-") as folder:
            yield _unpacked(source, Path(folder))
    elif is_part10(source):
        yield _named_by(source)
    else:
        raise SourceError(source, "it is no folder, zip file, DICOMDIR or DICOM file")


def _named_by(source: Path) -> list[Path]:
    """Return the files that a DICOMDIR names, or the file itself when it is none."""
    try:
        return media_files(source) or [source]
    except DicomContentError as error:
        if source.name.upper() != _DICOMDIR:
            # Held by whoever reads it, in the words of a study's object.
            return [source]
        raise SourceError(source, f"the DICOMDIR cannot be read: {error}") from None


def read_folder(
    files: list[Path], at: datetime, limits: ReadingLimits = DEFAULT_LIMITS
) -> FolderContents:
    """Return the DICOM objects among files, and which of the others are NIfTI.

    Parameters
    ----------
    files : list of Path
    at : datetime
        Instant that counts as their receipt.
    limits : ReadingLimits
        Of what an object may demand.
    """
    instances: dict[str, StoredInstance] = {}
    unreadable: list[Held] = []
    skipped = 0
    for path in files:
        if path.name.upper() == _DICOMDIR or not is_part10(path):
            skipped += 1
            continue
        try:
            found = StoredInstance(
                read_header_file(path, limits), path, content_sha256(path), at
            )
        except DicomContentError as error:
            unreadable.append(held_by(error, None, file=path.name))
            continue
        first = instances.setdefault(found.header.sop_instance_uid, found)
        if first.sha256 != found.sha256:
            unreadable.append(_conflict(found.header, path))
    return FolderContents(
        instances=tuple(instances.values()),
        unreadable=tuple(unreadable),
        skipped=skipped,
        nifti=tuple(filter(is_nifti, files)),
    )


def no_dicom(contents: FolderContents) -> Held:
    """Return what is said of files among which no DICOM object is."""
    read_otherwise = (
        f" {len(contents.nifti)} of them are NIfTI images, which features reads with "
        "--modality ANY."
    )
    return Held(
        None,
        "no_dicom",
        f"no DICOM object among {contents.skipped} files. Name a folder, zip file or "
        f"DICOMDIR that holds the study.{read_otherwise if contents.nifti else ''}",
    )


def _unpacked(source: Path, folder: Path) -> list[Path]:
    """Unpack under names of our own; names in a zip file are hostile."""
    files: list[Path] = []
    room = MAXIMUM_ZIP_BYTES
    try:
        with zipfile.ZipFile(source) as archive:
            if len(archive.infolist()) > MAXIMUM_ZIP_FILES:
                limit = f"it holds more than {MAXIMUM_ZIP_FILES} files"
                raise SourceError(source, limit)
            for number, entry in enumerate(archive.infolist()):
                if entry.is_dir():
                    continue
                path = folder / f"{number:08d}" / _kept_name(entry.filename)
                path.parent.mkdir(parents=True)
                room -= _unpack(archive, entry, path, room)
                files.append(path)
    except _ZIP_FAULTS as error:
        raise SourceError(source, f"the zip file cannot be unpacked: {error}") from None
    return files


def _kept_name(name: str) -> Path:
    """Return under which name an entry is kept; that of a NIfTI file says what it is.

    Parameters
    ----------
    name : str
        As the zip file has it, which may be anything.
    """
    entry = PurePosixPath(name)
    if entry.name.upper() == _DICOMDIR:
        return Path(_DICOMDIR)
    if not is_nifti(Path(entry.name)):
        return Path("object")
    parts = [_UNSAFE.sub("_", part).encode() for part in entry.parts[-_DEEPEST:]]
    kept = [part[-_LONGEST_NAME:].decode(errors="ignore") for part in parts]
    return Path(*(part for part in kept if part.strip(". ")))


def _unpack(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, room: int
) -> int:
    written = 0
    with archive.open(entry) as packed, path.open("wb") as unpacked:
        while chunk := packed.read(_CHUNK):
            written += len(chunk)
            if written > room:
                limit = f"it unpacks to more than {MAXIMUM_ZIP_BYTES} bytes"
                raise SourceError(Path(str(archive.filename)), limit)
            unpacked.write(chunk)
    return written


def _conflict(header: InstanceHeader, path: Path) -> Held:
    return Held(
        header.study_instance_uid,
        "conflicting_content",
        f"two different objects bear SOP Instance UID {header.sop_instance_uid}; "
        f"{path.name} is not used. Find out which is right and remove the other.",
    )


class SourceError(RefusalError):
    """The named source holds no study in a form that can be read."""

    def __init__(self, source: Path, why: str) -> None:
        super().__init__(f"{source}: {why}")
        self.source = source
