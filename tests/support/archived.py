"""A scored phantom, sent to an archive that viewers show it from."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from node.association.sender import Delivered, Destination, send_files
from tests.support.archives import Orthanc, orthanc
from tests.support.peers import HOST
from tests.support.service import command_apart

DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


@dataclass(frozen=True)
class Archived:
    """A scored study and its result, as an archive has them.

    Attributes
    ----------
    told : dict
        What ``score --json`` says.
    study : Path
        The study's own files.
    results : Path
        The folder that the paths of `told` begin at.
    archive : Orthanc
    """

    told: dict[str, Any]
    study: Path
    results: Path
    archive: Orthanc

    @property
    def result(self) -> dict[str, Any]:
        """What is said of the only region."""
        (result,) = self.told["results"]
        return dict(result)

    def objects(self, sop_class: str) -> list[Dataset]:
        """Return the result's objects of a SOP Class."""
        return [each for each in self.all_objects() if each.SOPClassUID == sop_class]

    def all_objects(self) -> list[Dataset]:
        """Return the result's objects."""
        return self._objects

    @cached_property
    def _objects(self) -> list[Dataset]:
        paths = (self.results / item["path"] for item in self.told["objects"])
        return [pydicom.dcmread(path) for path in paths]

    @cached_property
    def contour(self) -> NDArray[np.float64]:
        """The middle one of the drawn contours, shape (points, 3), LPS mm."""
        (path,) = (self.study / "RTSTRUCT").iterdir()
        (region,) = pydicom.dcmread(path).ROIContourSequence
        planes = [
            np.reshape(np.array(item.ContourData, float), (-1, 3))
            for item in region.ContourSequence
        ]
        return sorted(planes, key=lambda plane: plane[0, 2])[len(planes) // 2]

    def around(self, share: float) -> NDArray[np.float64]:
        """Return the contour drawn in towards its centre, or out from it.

        Parameters
        ----------
        share : float
            Distance from the centre, over that of the contour itself.
        """
        centre = self.contour.mean(axis=0)
        return np.asarray(centre + share * (self.contour - centre))


@contextmanager
def archived(folder: Path) -> Iterator[Archived]:
    """Score a phantom, and send the study and all of its result to an archive."""
    if not DICOMWEB.exists():
        pytest.skip("orthanc-dicomweb is not installed")
    study, results = folder / "study", folder / "results"
    _command("phantom", "--out", str(study))
    _give_one_frame_of_reference(study)
    told = json.loads(_command("score", str(study), "--out", str(results), "--json"))
    settings = {
        "Plugins": [str(DICOMWEB)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    with orthanc(folder / "orthanc", **settings) as archive:
        files = [path for path in study.rglob("*") if path.suffix == ".dcm"]
        files += [results / item["path"] for item in told["objects"]]
        pacs = Destination("pacs", "PACS", HOST, archive.port, "NODE")
        refused = [
            (path.name, answer)
            for path, answer in send_files(pacs, files)
            if not isinstance(answer, Delivered)
        ]
        assert not refused, refused
        yield Archived(told, study, results, archive)


def _give_one_frame_of_reference(study: Path) -> None:
    """Let the CT lie in the PET's frame of reference, where viewers fuse the two.

    An Inveon gives each its own, though their coordinates are the same.
    """
    frame = pydicom.dcmread(next((study / "PET").iterdir())).FrameOfReferenceUID
    for path in (study / "CT").iterdir():
        image = pydicom.dcmread(path)
        image.FrameOfReferenceUID = frame
        image.save_as(path)


def _command(*words: str) -> str:
    code, out, err = command_apart(*words)
    assert code == 0, err
    return out
