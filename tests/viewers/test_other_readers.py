"""Programs that others wrote take every object, and show what is in it.

Orthanc, DCMTK and GDCM each have their own idea of what an object must be. Colours are
compared inside and outside of the region, at places from the objects' own geometry.
"""

import io
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import (
    Comprehensive3DSRStorage,
    KeyObjectSelectionDocumentStorage,
    PositronEmissionTomographyImageStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from tests.support.archived import Archived
from tests.support.tools import require_tool

pytestmark = [pytest.mark.viewer, pytest.mark.system]


def test_the_archive_has_every_object_of_the_result(result: Archived) -> None:
    kept = {
        result.archive.get(f"instances/{each}/simplified-tags")["SOPInstanceUID"]
        for each in result.archive.get("instances")
    }

    assert {item["sop_instance_uid"] for item in result.told["objects"]} <= kept


@pytest.mark.parametrize("program", ["dcmdump", "gdcmdump"])
def test_it_is_dumped_without_a_complaint(result: Archived, program: str) -> None:
    for path in one_of_each_series(result):
        done = subprocess.run(
            [require_tool(program), str(path)], capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b""), path.name


def test_documents_are_dumped_by_their_structure(result: Archived) -> None:
    documents = [
        path
        for path in one_of_each_series(result)
        if class_of(path)
        in (Comprehensive3DSRStorage, KeyObjectSelectionDocumentStorage)
    ]

    assert len(documents) >= 2
    for path in documents:
        done = subprocess.run(
            [require_tool("dsrdump"), "+Pf", str(path)],
            capture_output=True,
            check=False,
        )
        said = done.stderr.decode().splitlines()
        # Which it says of every Key Object Selection.
        complaints = [line for line in said if "template constraints" not in line]
        assert (done.returncode, complaints) == (0, []), path.name


def test_the_summary_is_shown_as_it_was_drawn(result: Archived, tmp_path: Path) -> None:
    for page in result.objects(SecondaryCaptureImageStorage):
        drawn = page.pixel_array

        assert np.array_equal(by_dcmtk(page, tmp_path), drawn)
        assert np.array_equal(by_orthanc(result, page), drawn)


def test_the_suv_is_shown_brighter_where_it_is_higher(
    result: Archived, tmp_path: Path
) -> None:
    image = slice_through_the_region(result, suv_series(result))
    stored = image.pixel_array.astype(float)
    shown = 255 * (stored - stored.min()) / np.ptp(stored)

    # Without the rescale, after which DCMTK keeps whole numbers only.
    grey = by_dcmtk(image, tmp_path, "-M", "+Wm")

    assert np.abs(grey.astype(float) - shown).max() <= 1.5
    inside = contour_mask(result, image)
    assert grey[inside].mean() > 2 * grey[~inside].mean() + 20
    by_archive = by_orthanc(result, image)
    assert by_archive[inside].mean() > 2 * by_archive[~inside].mean() + 20


def test_segments_are_white_where_voxels_were_measured(
    result: Archived, tmp_path: Path
) -> None:
    (segmentation,) = result.objects(SegmentationStorage)
    middle = len(segmentation.PerFrameFunctionalGroupsSequence) // 2

    seen = by_dcmtk(segmentation, tmp_path, "+Wm", "+F", str(middle + 1))

    assert np.array_equal(seen > 127, segmentation.pixel_array[middle] > 0)


def one_of_each_series(result: Archived) -> list[Path]:
    """Return a file of each series of the result."""
    files = {
        str(
            pydicom.dcmread(path, specific_tags=["SeriesInstanceUID"])[0x0020000E]
        ): path
        for path in (result.results / item["path"] for item in result.told["objects"])
    }
    return list(files.values())


def class_of(path: Path) -> str:
    """Return the SOP Class of a file."""
    return str(pydicom.dcmread(path, specific_tags=["SOPClassUID"]).SOPClassUID)


def suv_series(result: Archived) -> list[Dataset]:
    """Return the PET in SUV."""
    return [
        image
        for image in result.objects(PositronEmissionTomographyImageStorage)
        if image.Units == "GML"
    ]


def slice_through_the_region(result: Archived, images: Sequence[Dataset]) -> Dataset:
    """Return the image nearest to the contour."""
    height = result.contour[0, 2]
    return min(
        images, key=lambda image: abs(float(image.ImagePositionPatient[2]) - height)
    )


def contour_mask(result: Archived, image: Dataset) -> NDArray[np.bool_]:
    """Return the box that the contour fills, in pixels of an image."""
    axes = np.array(image.ImageOrientationPatient, float).reshape(2, 3)
    offsets = result.contour - np.array(image.ImagePositionPatient, float)
    column, row = (offsets @ axes.T / np.array(image.PixelSpacing, float)[::-1]).T
    inside = np.zeros((image.Rows, image.Columns), bool)
    inside[
        int(row.min()) + 2 : int(row.max()) - 1,
        int(column.min()) + 2 : int(column.max()) - 1,
    ] = True
    return inside


def by_dcmtk(image: Dataset, folder: Path, *options: str) -> NDArray[np.uint8]:
    """Return an image as DCMTK shows it."""
    target = folder / "shown.pnm"
    subprocess.run(
        [require_tool("dcm2pnm"), *options, "+op", str(image.filename), str(target)],
        check=True,
        capture_output=True,
    )
    return np.asarray(Image.open(target))


def by_orthanc(result: Archived, image: Dataset) -> NDArray[np.uint8]:
    """Return an image as Orthanc shows it."""
    (found,) = result.archive.find(str(image.SOPInstanceUID))
    seen = result.archive.bytes(f"instances/{found}/preview")
    return np.asarray(Image.open(io.BytesIO(seen)))
