"""The measurements, by name. Each first makes sure that both ways end alike."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pydicom
from numpy.typing import NDArray
from skimage.draw import polygon2mask
from skimage.measure import points_in_poly

from config.load import default_settings
from dicom_io.pet.series import read_pet_series
from dicom_io.phantom.study import StudyOptions
from dicom_io.suv.rule import convert_to_suv
from model.contours import Contour, Roi, rasterise
from model.grid import Grid
from model.phantom import PhantomSpec, make_phantom
from node.commands.phantom import write_phantom
from node.folder import read_folder
from node.options.case import case_options, matching_rules
from node.scoring import score_folder
from tests.benchmarks.feature_contests import (
    feature_catalogue,
    feature_catalogue_of_few_levels,
)
from tests.benchmarks.ledger_contests import ledger_million
from tests.benchmarks.map_contests import MAP_CONTESTS
from tests.benchmarks.measurement import Contest, UnlikeError
from tests.benchmarks.receive_contests import RECEIVE_CONTESTS
from tests.benchmarks.report_contests import REPORT_CONTESTS

SCANNED_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


@contextmanager
def suv_reading() -> Iterator[Contest]:
    """A PET series as a checked SUV volume, against its bare pixel bytes."""
    with _phantom() as study:
        paths = sorted((study / "PET").iterdir())
        rules = case_options(default_settings()).suv

        def ours() -> NDArray[np.floating]:
            return convert_to_suv(read_pet_series(paths), rules)[0].values

        def theirs() -> list[bytes]:
            return [pydicom.dcmread(path).PixelData for path in paths]

        if ours().nbytes < sum(map(len, theirs())):
            raise UnlikeError
        yield Contest(
            "suv_reading", f"dcmread().PixelData, {len(paths)} slices", ours, theirs, 7
        )


@contextmanager
def contour_rasterisation() -> Iterator[Contest]:
    """A hundred contours of 400 points on a CT grid of 512 by 512."""
    yield _against_polygon2mask("contour_rasterisation", layers=0)


@contextmanager
def coronal_rasterisation() -> Iterator[Contest]:
    """The same contours on coronal planes of a CT grid of 512 by 100 by 512."""
    yield _against_polygon2mask("coronal_rasterisation", layers=1)


def _against_polygon2mask(name: str, layers: int) -> Contest:
    """Return the contest for contours across the array axis `layers`."""
    count, side = 100, 512
    sizes = [side, side, side]
    sizes[layers] = count
    grid = Grid(
        (sizes[0], sizes[1], sizes[2]),
        (0, 0, 0),
        (0, 0, 1),
        (0, 1, 0),
        (1, 0, 0),
        "1.2",
    )
    outlines = [_wobbly_outline(number) for number in range(count)]
    # The outlines are (x, other); array axes 0 and 1 are z and y.
    placed = [
        np.insert(outline, 2 - layers, number, axis=1)
        for number, outline in enumerate(outlines)
    ]
    roi = _roi(placed)

    def ours() -> NDArray[np.bool_]:
        return rasterise(roi, grid).inside

    def theirs() -> NDArray[np.bool_]:
        # polygon2mask wants (row, column).
        masks = [polygon2mask((side, side), outline[:, ::-1]) for outline in outlines]
        return np.stack(masks, axis=layers)

    if not np.array_equal(ours(), theirs()):
        raise UnlikeError
    return Contest(
        name, f"skimage.draw.polygon2mask, {count} contours, same mask", ours, theirs, 3
    )


@contextmanager
def oblique_rasterisation() -> Iterator[Contest]:
    """Fifty contours of 400 points on planes that are tilted to all axes of a grid.

    The other way is told which centres lie nearest to which plane, and where.
    """
    side, planes = 128, 50
    middle = np.full(3, side / 2 - 0.46)
    across = np.linalg.qr(np.array([[1.0, 0.3, -0.2], [0.4, 2.0, 0.5], [1, 1, 1]]).T)[0]
    grid = Grid((side,) * 3, (0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), "1.2")
    outlines = [(_wobbly_outline(number) - 256) / 4 for number in range(planes)]
    heights = np.arange(planes) - planes / 2
    roi = _roi(
        [
            np.column_stack([outline, np.full(len(outline), height)]) @ across.T
            + middle
            for outline, height in zip(outlines, heights, strict=True)
        ]
    )
    centres = np.indices(grid.shape).reshape(3, -1).T[:, ::-1] - middle
    own = centres @ across
    nearest = np.rint(own[:, 2] - heights[0])
    near = [np.flatnonzero(nearest == number) for number in range(planes)]

    def ours() -> NDArray[np.bool_]:
        return rasterise(roi, grid).inside

    def theirs() -> NDArray[np.bool_]:
        inside = np.zeros(len(own), np.bool_)
        for outline, which in zip(outlines, near, strict=True):
            inside[which] = points_in_poly(own[which, :2], outline)
        return inside.reshape(grid.shape)

    if not np.array_equal(ours(), theirs()):
        raise UnlikeError
    yield Contest(
        "oblique_rasterisation",
        f"skimage.measure.points_in_poly, {planes} contours, same mask",
        ours,
        theirs,
        3,
    )


@contextmanager
def phantom_pipeline() -> Iterator[Contest]:
    """From a study whose headers are known to its result files, in a warm process.

    In service that is what lies between the last C-STORE and the first delivery.
    """
    settings = default_settings()
    options, matching = case_options(settings), matching_rules(settings)
    with _phantom() as study, TemporaryDirectory() as out:
        contents = read_folder(sorted(study.rglob("*.dcm")), SCANNED_AT)

        def ours() -> None:
            found = score_folder(contents, matching, options, Path(out), SCANNED_AT)
            if len(found.results) != 1 or found.held:
                raise UnlikeError

        yield Contest("phantom_pipeline", "the target of 1 s", ours, 1.0, 5)


CONTESTS: dict[str, Callable[[], AbstractContextManager[Contest]]] = {
    **{
        contest.__name__: contest
        for contest in (
            suv_reading,
            contour_rasterisation,
            coronal_rasterisation,
            oblique_rasterisation,
            phantom_pipeline,
            feature_catalogue,
            feature_catalogue_of_few_levels,
            ledger_million,
        )
    },
    **MAP_CONTESTS,
    **RECEIVE_CONTESTS,
    **REPORT_CONTESTS,
}


@contextmanager
def _phantom() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        phantom = make_phantom(PhantomSpec(seed=0))
        write_phantom(phantom, StudyOptions(at=SCANNED_AT), Path(folder))
        yield Path(folder)


def _roi(outlines: list[NDArray[np.float64]]) -> Roi:
    return Roi(1, "tumour", tuple(map(Contour, outlines)), "1.2")


def _wobbly_outline(number: int) -> NDArray[np.float64]:
    """Return a closed outline that crosses no voxel centre."""
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    radius = 90 + number / 3 + 11 * np.sin(5 * angle + number) + 0.01321
    return np.column_stack(
        [256.037 + radius * np.cos(angle), 255.961 + radius * np.sin(angle)]
    )
