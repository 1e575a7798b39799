"""The measurement of the feature catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import SimpleITK as sitk  # noqa: N813 - the name that its documentation uses
from radiomics.firstorder import RadiomicsFirstOrder
from radiomics.glcm import RadiomicsGLCM
from radiomics.glrlm import RadiomicsGLRLM
from radiomics.shape import RadiomicsShape

from config.score_models import find_score_model
from model.features.catalogue import compute_features
from model.features.discretisation import grey_levels
from model.features.preparation import Preparation
from model.features.vector import FeatureVector
from model.grid import Mask, Volume
from model.phantom import PhantomSpec, make_phantom
from tests.benchmarks.measurement import Contest, UnlikeError

_EQUAL = {
    "glcm_InverseVariance": "InverseVariance",
    "glcm_Homogeneity2": "Idm",
    "glcm_SumEntropy": "SumEntropy",
    "histogram_Kurtosis": "Kurtosis",
}


@contextmanager
def feature_catalogue() -> Iterator[Contest]:
    """The 61 features of a phantom's tumour, against PyRadiomics' classes.

    PyRadiomics has first order, shape, GLCM and GLRLM on the same levels, of an image
    that was cut to the tumour before.
    """
    yield _contest("feature_catalogue", "zhang2023-fine")


@contextmanager
def feature_catalogue_of_few_levels() -> Iterator[Contest]:
    """The same with the few levels that PyRadiomics is usually given.

    With 256 it spends most of its time on masks for the diagonals of a matrix.
    """
    yield _contest("feature_catalogue_of_few_levels", "zhang2023-ibex-example")


def _contest(name: str, model: str) -> Contest:
    phantom = make_phantom(PhantomSpec(seed=0))
    volume, mask = phantom.suv, phantom.tumour_mask
    preparation = find_score_model(model).preparation
    shipped = _shipped(volume, mask, preparation)

    def ours() -> FeatureVector:
        return compute_features(volume, mask, preparation)

    def theirs() -> dict[str, float]:
        found: dict[str, float] = {}
        for kind, image, inside, settings in shipped:
            calculator = kind(image, inside, **settings)
            calculator.logger.disabled = True
            found |= {name: float(each) for name, each in calculator.execute().items()}
        return found

    mine, other = ours().values, theirs()
    if not all(np.isclose(mine[a], other[b], rtol=1e-8) for a, b in _EQUAL.items()):
        raise UnlikeError
    count = grey_levels(volume.inside(mask), preparation).count
    against = f"PyRadiomics, four families, {mask.voxels} voxels, {count} levels"
    return Contest(name, against, ours, theirs, 7)


def _shipped(
    volume: Volume, mask: Mask, preparation: Preparation
) -> list[tuple[Any, sitk.Image, sitk.Image, dict[str, object]]]:
    """Return PyRadiomics' classes with the image, the mask and the settings of each."""
    box = mask.box
    inside = mask.inside[box]
    levels = np.zeros(inside.shape, np.int32)
    levels[inside] = grey_levels(volume.inside(mask), preparation).values
    settings: dict[str, object] = {
        "binWidth": 1,
        "force2D": True,
        "force2Ddimension": 0,
        "symmetricalGLCM": True,
        "distances": [1],
        "weightingNorm": "no_weighting",
    }
    region = sitk.GetImageFromArray(np.pad(inside.astype(np.uint8), 1))
    of_levels = sitk.GetImageFromArray(np.pad(levels, 1))
    of_values = sitk.GetImageFromArray(np.pad(volume.values[box].astype(float), 1))
    images: tuple[Any, ...] = (region, of_levels, of_values)
    for image in images:
        image.SetSpacing(volume.grid.spacing_mm[::-1])
    return [
        (RadiomicsFirstOrder, of_values, region, {}),
        (RadiomicsShape, of_values, region, {}),
        (RadiomicsGLCM, of_levels, region, settings),
        (RadiomicsGLRLM, of_levels, region, settings),
    ]
