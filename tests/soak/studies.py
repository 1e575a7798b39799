"""Many small studies, quickly: one that DCMTK has encoded, and copies under other UIDs.

Design choice: a copy is made by replacing UIDs of one length in the file's bytes. To
build each data set would take minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.support.pet import ROOT, STUDY_UID, pet_datasets, write_all
from tests.support.scanner import as_sent
from tests.support.studies import as_study, contours_on, uid_in

_MOST = 9000
"""Studies whose UIDs have one length."""


@dataclass(frozen=True)
class Study:
    """What one scan exports.

    Attributes
    ----------
    uid : str
    files : tuple of Path
        The PET slices, then the contours.
    """

    uid: str
    files: tuple[Path, ...]


def studies(folder: Path, *, instances: int, each: int) -> Iterator[Study]:
    """Write so many instances in studies of a size; the last may be larger."""
    count = max(1, instances // each)
    if count > _MOST:
        message = f"at most {_MOST} studies, not {count}"
        raise ValueError(message)
    sizes = [each] * (count - 1) + [instances - each * (count - 1)]
    patterns = {size: _pattern(folder / f"pattern-{size}", size) for size in {*sizes}}
    for number, size in enumerate(sizes):
        yield _copy(folder / f"{number:05}", patterns[size], number)


def _pattern(folder: Path, size: int) -> list[bytes]:
    generator = np.random.default_rng(7)
    values = 2e5 * (1 + 0.5 * generator.random((size - 1, 16, 18)))
    pet = pet_datasets(values=values)
    files = write_all(as_study(0, [*pet, contours_on(pet)]), folder / "made")
    return [path.read_bytes() for path in as_sent(folder / "sent", files)]


def _copy(folder: Path, pattern: list[bytes], number: int) -> Study:
    folder.mkdir()
    old, new = (f"{uid_in(each, ROOT + '.')}".encode() for each in (0, number))
    files = []
    for place, content in enumerate(pattern):
        path = folder / f"{place:05}.dcm"
        path.write_bytes(content.replace(old, new))
        files.append(path)
    return Study(uid_in(number, STUDY_UID), tuple(files))
