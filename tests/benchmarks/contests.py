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

from config.load import default_settings
from dicom_io.pet_series import read_pet_series
from dicom_io.phantom import StudyOptions
from dicom_io.suv_rule import convert_to_suv
from model.contours import Contour, Roi, rasterise
from model.grid import Grid
from model.phantom import PhantomSpec, make_phantom
from node.commands.phantom import write_phantom
from node.folder import read_folder
from node.options import case_options, matching_rules
from node.scoring import score_folder
from tests.benchmarks.measurement import Contest

SCANNED_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


class UnlikeError(AssertionError):
    """The two ways of a contest do not end alike; their times mean nothing."""


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
    """A hundred contours of 200 points on a CT grid of 512 by 512."""
    slices, side = 100, 512
    grid = Grid((slices, side, side), (0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), "1.2")
    outlines = [_wobbly_outline(number) for number in range(slices)]
    roi = Roi(
        number=1,
        name="tumour",
        contours=tuple(
            Contour(np.column_stack([outline, np.full(len(outline), float(number))]))
            for number, outline in enumerate(outlines)
        ),
        frame_of_reference="1.2",
    )

    def ours() -> NDArray[np.bool_]:
        return rasterise(roi, grid).inside

    def theirs() -> NDArray[np.bool_]:
        # polygon2mask wants (row, column); the outlines are (x, y).
        masks = [polygon2mask((side, side), outline[:, ::-1]) for outline in outlines]
        return np.stack(masks)

    if not np.array_equal(ours(), theirs()):
        raise UnlikeError
    yield Contest(
        "contour_rasterisation",
        f"skimage.draw.polygon2mask, {slices} contours, same mask",
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
    contest.__name__: contest
    for contest in (suv_reading, contour_rasterisation, phantom_pipeline)
}


@contextmanager
def _phantom() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        phantom = make_phantom(PhantomSpec(seed=0))
        write_phantom(phantom, StudyOptions(at=SCANNED_AT), Path(folder))
        yield Path(folder)


def _wobbly_outline(number: int) -> NDArray[np.float64]:
    """Return a closed outline that crosses no voxel centre."""
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radius = 90 + number / 3 + 11 * np.sin(5 * angle + number) + 0.01234
    return np.column_stack(
        [256.037 + radius * np.cos(angle), 255.961 + radius * np.sin(angle)]
    )
