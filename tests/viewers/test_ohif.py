"""A person sees the result in OHIF, a viewer that is not ours, beside an archive.

What is written is found as text, and what is drawn as colours inside and outside of the
region, at points that the viewer itself places on the screen. Pictures of all that was
seen are left in ``build/viewers``.
"""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.support.archived import Archived
from tests.support.ohif import ohif
from tests.support.ohif_page import OhifPage, browser, eventually

pytestmark = [pytest.mark.viewer, pytest.mark.system]


@pytest.fixture(scope="module")
def page(
    result: Archived, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OhifPage]:
    """Return the viewer in a browser, beside the archive."""
    profile = tmp_path_factory.mktemp("browser")
    with ohif(result.archive.http_port) as address, browser(profile) as opened:
        yield OhifPage(opened, address)


@pytest.fixture
def viewer(result: Archived, page: OhifPage) -> OhifPage:
    """Return the viewer with the study open."""
    page.open_study(result.result["study_instance_uid"])
    return page


def test_the_study_list_names_the_modalities_of_the_result(
    result: Archived, page: OhifPage
) -> None:
    text = page.study_list()
    page.keep("study-list")

    (row,) = [line for line in text.splitlines() if "SR" in line.split("\\")]
    assert {"PT", "RTSTRUCT", "SR"} <= set(row.split("\\"))
    assert result.result["patient_id"] in text


def test_the_report_is_drawn_as_the_region_with_its_labelled_values(
    result: Archived, viewer: OhifPage
) -> None:
    index = f"{result.result['score']:.2f}"

    viewer.open_series("T-cell exhaustion textur")
    viewer.show_slice_through(result.contour.mean(axis=0))
    labels = eventually(viewer.labels, lambda text: index in text)
    viewer.keep("report")

    assert f"Texture index (published equation, uncalibrated): {index}" in labels
    outline = viewer.colours(along(result.contour))
    assert np.mean(is_coloured(outline)) > 0.3
    for share in (0.6, 1.6):
        assert not is_coloured(viewer.colours(result.around(share))[::2]).any(), share
    assert not viewer.complaints()


def along(contour: np.ndarray, steps: int = 20) -> np.ndarray:
    """Return points along the sides of a contour."""
    ends = np.roll(contour, -1, axis=0)
    shares = np.linspace(0, 1, steps, endpoint=False)[:, np.newaxis, np.newaxis]
    return np.asarray(contour + shares * (ends - contour)).reshape(-1, 3)


def is_coloured(colours: np.ndarray) -> np.ndarray:
    """Return whether colours are no greys."""
    return np.ptp(colours.astype(int), axis=-1) > 40
