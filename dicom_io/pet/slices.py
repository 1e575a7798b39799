"""Where the slices of a PET series are read from: files of one each, or one of frames.

Readers of series ask for headers and for images and need not know which it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydicom.dataset import Dataset
from pydicom.uid import PositronEmissionTomographyImageStorage

from dicom_io.image_series import is_multi_frame_pet, read_headers, read_slices
from dicom_io.part10 import read_dataset
from dicom_io.pet.enhanced import enhanced_slices

_PET = PositronEmissionTomographyImageStorage


class PetSlices(Protocol):
    """The slices of a PET series."""

    @property
    def statements(self) -> tuple[str, ...]:
        """What must be said of how they are read."""

    def headers(self) -> list[Dataset]:
        """Return the headers of all slices, without pixel data."""

    def images(self, members: Sequence[int] | None = None) -> list[Dataset]:
        """Return slices with pixel data: all, or those at some places of `headers`."""


@dataclass(frozen=True)
class SingleFrames:
    """Slices of a classic series, a file each (PS3.3 A.21).

    Attributes
    ----------
    paths : tuple of Path
    """

    paths: tuple[Path, ...]

    @property
    def statements(self) -> tuple[str, ...]:
        """Nothing: a classic header is read as it is."""
        return ()

    def headers(self) -> list[Dataset]:
        """Return the headers, in the order of the paths; see `read_headers`."""
        return read_headers(self.paths, _PET)

    def images(self, members: Sequence[int] | None = None) -> list[Dataset]:
        """Return the slices; see `dicom_io.image_series.read_slices`."""
        paths = self.paths
        if members is not None:
            paths = tuple(paths[member] for member in members)
        return read_slices(paths, _PET)


def pet_slices(paths: Sequence[Path]) -> tuple[PetSlices, Dataset | None]:
    """Return the slices of a PET series, and the header of one of them.

    Parameters
    ----------
    paths : sequence of Path
        Of all objects of the series, in any order.

    Returns
    -------
    PetSlices
    Dataset or None
        None without any object.

    Raises
    ------
    DicomContentError
        When the first object, or a multi-frame one, cannot be read.
    """
    if not paths:
        return SingleFrames(()), None
    first = read_dataset(paths[0], stop_before_pixels=True)
    if is_multi_frame_pet(first):
        frames = enhanced_slices(paths)
        return frames, frames.found.headers[0]
    return SingleFrames(tuple(paths)), first
