"""A person sees the result in OHIF, a viewer that is not ours, beside an archive.

What is written is found as text, and what is drawn as colours inside and outside of the
region, at points that the viewer itself places on the screen. Pictures of all that was
seen are left in ``build/viewers``.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from tests.support import reading
from tests.support.archived import Archived
from tests.support.ohif import ohif
from tests.support.ohif_page import OhifPage, browser, eventually
from tests.support.read_case import PET, SECONDARY_CAPTURE, SEG

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
    mean, highest = (f"{result.result['suv'][name]:.2f}" for name in ("mean", "max"))

    viewer.open_series(9001)
    viewer.show_slice_through(result.contour.mean(axis=0))
    labels = eventually(viewer.labels, lambda text: index in text)
    viewer.keep("report")

    assert f"Texture index (published equation, uncalibrated): {index}" in labels
    assert f"SUVbw mean: {mean}" in labels
    assert f"SUVbw maximum: {highest}" in labels
    outline = viewer.colours(along(result.contour))
    assert np.mean(is_coloured(outline)) > 0.3
    for share in (0.6, 1.6):
        assert not is_coloured(viewer.colours(result.around(share))[::2]).any(), share
    assert not viewer.complaints()


def test_the_segmentation_lies_over_the_pet(result: Archived, viewer: OhifPage) -> None:
    viewer.open_series(9003)
    viewer.confirm("Do you want to open this Segmentation?")
    viewer.show_slice_through(result.contour.mean(axis=0))
    inside = result.around(0.6)
    seen = eventually(lambda: viewer.colours(inside), lambda at: is_coloured(at).all())
    viewer.keep("segmentation")

    assert is_coloured(seen).all()
    assert not is_coloured(viewer.colours(result.around(1.4))).any()
    assert not viewer.complaints()


def test_the_suv_series_is_as_bright_as_its_values(
    result: Archived, viewer: OhifPage
) -> None:
    image = reading.single_frames(
        [each for each in result.objects(PET) if each.Units == "GML"]
    )
    (segmentation,) = result.objects(SEG)
    inside = in_the_slice_of(result, reading.segment(segmentation, 1).points)

    viewer.open_series(9004)
    wait_for_series(viewer, result, 9004)
    viewer.show_slice_through(result.contour.mean(axis=0))
    black, white = eventually(viewer.window, lambda limits: limits == (0.0, 5.0))
    expected = 255 * (reading.values_at(image, inside) - black) / (white - black)
    seen = eventually(
        lambda: viewer.colours(inside)[:, 0].astype(float),
        lambda grey: bool(np.abs(grey - expected).mean() < 8),
    )
    viewer.keep("suv")

    assert (black, white) == (0.0, 5.0)
    assert np.abs(seen - expected).mean() < 8
    assert np.corrcoef(seen, expected)[0, 1] > 0.95
    assert viewer.colours(result.around(1.8)).mean() < seen.mean() / 2
    assert not viewer.complaints()


def test_the_score_map_as_images_is_fused_on_the_ct(
    result: Archived, viewer: OhifPage
) -> None:
    viewer.open_series_called("Synthetic phantom CT")
    viewer.add_as_layer(9011)
    viewer.show_slice_through(result.contour.mean(axis=0))
    inside = result.around(0.6)
    seen = eventually(
        lambda: viewer.colours(inside), lambda at: bool(is_hued(at).mean() > 0.8)
    )
    viewer.keep("score-map-on-ct")

    # The viewer's own scale begins with red, which lies over all that has no index.
    assert np.mean(is_hued(seen)) > 0.8
    assert not is_hued(viewer.colours(result.around(1.5))).any()
    assert not viewer.complaints()


def test_the_summary_is_shown_as_an_image(result: Archived, viewer: OhifPage) -> None:
    (page,) = result.objects(SECONDARY_CAPTURE)
    drawn = page.pixel_array
    rows, columns = np.mgrid[4 : page.Rows : 9, 4 : page.Columns : 9]
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
    expected = drawn[pixels[:, 1], pixels[:, 0]]

    viewer.open_series(9005)
    wait_for_series(viewer, result, 9005)
    alike = eventually(
        lambda: likeness(viewer.pixel_colours(pixels), expected), lambda r: r > 0.8
    )
    viewer.keep("summary")

    assert alike > 0.8
    assert not viewer.complaints()


def test_the_document_is_shown_as_a_page(result: Archived, viewer: OhifPage) -> None:
    (summary,) = result.objects(SECONDARY_CAPTURE)

    viewer.open_series(9006)
    alike = eventually(
        lambda: likeness(small(viewer.document()), small(summary.pixel_array)),
        lambda r: r > 0.8,
    )
    viewer.keep("document")

    # Both are the same page.
    assert alike > 0.8
    assert not viewer.complaints()


def wait_for_series(viewer: OhifPage, result: Archived, number: int) -> None:
    """Wait until an image of a series is shown."""
    (uid,) = {
        str(each.SeriesInstanceUID)
        for each in result.all_objects()
        if each.SeriesNumber == number
    }
    assert uid in eventually(viewer.shown_image, lambda image: uid in image)


def in_the_slice_of(result: Archived, points: np.ndarray) -> np.ndarray:
    """Return the points in the slice that the contour was drawn in."""
    return points[np.abs(points[:, 2] - result.contour[0, 2]) < 0.1]


def small(page: np.ndarray) -> np.ndarray:
    """Return a page as a small picture, empty if there is no page."""
    if min(page.shape[:2]) < 200:
        return np.zeros((60, 90, 3))
    return np.asarray(Image.fromarray(page).resize((90, 60), Image.Resampling.BOX))


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two pictures, 0 where one is of a single colour."""
    if not (np.ptp(one) and np.ptp(other)):
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def along(contour: np.ndarray, steps: int = 20) -> np.ndarray:
    """Return points along the sides of a contour."""
    ends = np.roll(contour, -1, axis=0)
    shares = np.linspace(0, 1, steps, endpoint=False)[:, np.newaxis, np.newaxis]
    return np.asarray(contour + shares * (ends - contour)).reshape(-1, 3)


def is_coloured(colours: np.ndarray) -> np.ndarray:
    """Return whether colours are no greys."""
    return np.ptp(colours.astype(int), axis=-1) > 40


def is_hued(colours: np.ndarray) -> np.ndarray:
    """Return whether colours have more green or blue than red."""
    red, green, blue = np.moveaxis(colours.astype(int), -1, 0)
    return np.maximum(green, blue) > red + 5
