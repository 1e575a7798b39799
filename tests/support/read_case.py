"""A study and its result as they lie in folders, for a reader that is not ours."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from tests.support.read_studies import Written
from tests.support.reading import Voxels, groups, single_frames
from tests.support.report_alone import ALL_OBJECTS, configured
from tests.support.service import command

SR = "1.2.840.10008.5.1.4.1.1.88.34"
SEG = "1.2.840.10008.5.1.4.1.1.66.4"
PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"
PET = "1.2.840.10008.5.1.4.1.1.128"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
PDF = "1.2.840.10008.5.1.4.1.1.104.1"
RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"
AT = "2026-03-02T12:00:00+00:00"


@dataclass(frozen=True)
class Outcome:
    """The objects of one result, and what ``score --json`` says of its regions.

    Attributes
    ----------
    objects : dict of str to list of Dataset
        By SOP Class.
    results : list of dict
    """

    objects: dict[str, list[Dataset]]
    results: list[dict[str, Any]]

    def all(self) -> list[Dataset]:
        """Return every object."""
        return [item for kind in self.objects.values() for item in kind]

    def series(self, sop_class: str) -> list[list[Dataset]]:
        """Return the series of a SOP Class, in the order of their numbers."""
        found: dict[tuple[int, str], list[Dataset]] = defaultdict(list)
        for item in self.objects.get(sop_class, []):
            found[int(item.SeriesNumber), str(item.SeriesInstanceUID)].append(item)
        return [instances for _, instances in sorted(found.items())]

    def suv_series(self) -> list[Dataset]:
        """Return the PET in SUV."""
        (series,) = (each for each in self.series(PET) if each[0].Units == "GML")
        return series

    def score_series(self) -> list[list[Dataset]]:
        """Return the local index of each region, as ordinary image series."""
        return [each for each in self.series(PET) if each[0].Units != "GML"]


@dataclass(frozen=True)
class ReadCase:
    """A study that was scored.

    Attributes
    ----------
    sources : list of Dataset
        The study's own objects.
    outcomes : list of Outcome
        A result for each set of contours.
    written : Written or None
        What was written, where the slices of the PET do not say all.
    """

    sources: list[Dataset]
    outcomes: list[Outcome]
    written: Written | None = None

    @property
    def pet(self) -> list[Dataset]:
        """The slices that were scored, as single-frame images."""
        if self.written is not None:
            return self.written.slices
        return [item for item in self.sources if item.SOPClassUID == PET]

    @property
    def activity(self) -> Voxels:
        """What was scored, in the units of the PET."""
        if self.written is not None and self.written.activity is not None:
            return self.written.activity
        return single_frames(self.pet)

    @property
    def animals(self) -> tuple[str, ...]:
        """Patient IDs of results where they are not the PET's."""
        return () if self.written is None else self.written.animals

    def plane(self, uid: str, frame: int | None) -> Dataset:
        """Return the slice that an image, or a frame of one, is."""
        if frame is not None and self.written is not None:
            return self.written.frames[frame - 1]
        found: list[Dataset] = [
            item for item in self.sources if item.SOPInstanceUID == uid
        ]
        return found[0]

    def region(self, name: str) -> Dataset:
        """Return the drawn region of a name."""
        for item in self.sources:
            if item.SOPClassUID == RTSTRUCT:
                numbers = {
                    roi.ROIName: roi.ROINumber for roi in item.StructureSetROISequence
                }
                for drawn in item.ROIContourSequence:
                    if drawn.ReferencedROINumber == numbers.get(name):
                        return drawn
        raise LookupError(name)


def scored(
    study: Path, out: Path, *options: str, written: Written | None = None
) -> ReadCase:
    """Score a folder and read everything in it and everything that was made."""
    words = ("score", study, "--out", out, "--at", AT, "--json", *options)
    code, said, err = command(*configured(*words, config=ALL_OBJECTS))
    assert code == 0, err
    told = json.loads(said)
    assert not told["held"]
    folders: dict[Path, dict[str, list[Dataset]]] = {}
    for item in told["objects"]:
        path = out / item["path"]
        kinds = folders.setdefault(path.parent, defaultdict(list))
        kinds[item["sop_class"]].append(pydicom.dcmread(path))
    regions = iter(told["results"])
    outcomes = [
        Outcome(kinds, [next(regions) for _ in range(_regions(kinds))])
        for kinds in folders.values()
    ]
    assert next(regions, None) is None
    return ReadCase(list(_read_all(study)), outcomes, written)


def numbers_in(value: Any) -> Iterator[float]:
    """Give every number of a JSON document."""
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, int | float) and math.isfinite(value):
        yield float(value)


def _regions(kinds: dict[str, list[Dataset]]) -> int:
    return len(groups(kinds[SR][0]))


def _read_all(folder: Path) -> Iterator[Dataset]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                yield pydicom.dcmread(path)
            except InvalidDicomError:
                continue
