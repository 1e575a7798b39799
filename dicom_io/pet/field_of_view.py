"""Whether a PET image shows a whole object or a part of it.

Design choice: DICOM has no attribute for "cropped", and a scanner's view may be too
short for a body just as well. So the image itself is asked whether activity reaches its
border: the planes at its six faces, each against the fullest plane of its direction,
and the rim of the circle in which scanners reconstruct, outside which they write
noughts. A fifth of the greatest value counts as reaching, the background of the empty
part apart, which noise makes in images that have no values below nought. A body that
leaves the view holds a third and more there. A tail is too thin to count.

Design choice: beside that, what a scanner does not write counts as cropped: a matrix
that is not square, and an image that is derived (*Image Type* (0008,0008), PS3.3
C.7.6.1.1.2), whose outside may have been set to nought. To call a whole image cropped
costs only the check that it would have allowed (`model.activity_balance`), so the rule
leans to that side.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from dicom_io.attributes import texts
from dicom_io.pet.series import PetSeries
from model.activity_balance import Filling, filling_of

_REACHED = 0.2
_RIM = (0.85, 0.95)
"""Part of the radius; some scanners leave out the outermost pixels of the circle."""
_RINGS = 10


def is_cropped(series: PetSeries, filling: Filling | None = None) -> bool:
    """Return whether a series may show a part of an object only.

    Parameters
    ----------
    series : PetSeries
        In units that are proportional to activity.
    filling : Filling or None
        Of its volume, where it is known.
    """
    values = series.volume.values.astype(np.float64, copy=False)
    _, rows, columns = values.shape
    if rows != columns or "DERIVED" in texts(series.headers[0], "ImageType"):
        return True
    # What is no number is no background either, and counts as reaching the border.
    with np.errstate(all="ignore"):
        background = (filling or filling_of(series.volume)).background
        projection = values.sum(axis=0) - len(values) * background
        slices = values.sum(axis=(1, 2)) - rows * columns * background
        faces = (slices, projection.sum(axis=1), projection.sum(axis=0))
        return any(map(_reaches_an_end, faces)) or _reaches_the_rim(projection)


def _reaches_an_end(planes: NDArray[np.floating]) -> bool:
    """Return whether the first or the last of parallel planes holds a part.

    Where no plane holds any activity, nothing says that the object is whole.
    """
    return not max(planes[0], planes[-1]) < _REACHED * planes.max()


def _reaches_the_rim(projection: NDArray[np.floating]) -> bool:
    """Return whether activity reaches the rim of the circle within the matrix.

    Parameters
    ----------
    projection : ndarray, shape (rows, columns)
        Sum over the slices.
    """
    rows, columns = (np.linspace(-1, 1, length) for length in projection.shape)
    radius = np.hypot(rows[:, np.newaxis], columns)
    rings = np.linspace(0, _RIM[1], _RINGS)
    *inside, rim = (
        projection[(radius >= inner) & (radius < outer)]
        for inner, outer in (*itertools.pairwise(rings), _RIM)
    )
    if rim.size == 0:
        # Too few pixels to have a rim.
        return True
    fullest = max(ring.mean() for ring in (*inside, rim) if ring.size)
    return not rim.mean() < _REACHED * fullest
