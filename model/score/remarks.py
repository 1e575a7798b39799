"""What must be said with the numbers of a region."""

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from model.grid import Mask
from model.score.assessment import Sensitivity
from model.score.domain_check import written
from model.score.reading import Reading
from model.score.score_model import Calibration

HIGHEST_SUV = 100.0
"""Of a voxel. Tumours have up to some 30, the bladder of a mouse can have more."""
LOWEST_SUV = 1e-3
"""Of a region's greatest voxel. The empty part of an image has noise above it."""


def remarks_on_values(values: NDArray[np.float64]) -> Iterator[str]:
    """Say what a wrong dose, a wrong weight or a wrong image would look like.

    Parameters
    ----------
    values : ndarray, shape (voxels,)
        SUVbw of the region, at least one.
    """
    odd = int(np.count_nonzero(~np.isfinite(values)))
    if odd:
        yield f"{odd} of {values.size} voxels have no finite SUV."
    if not values.any():
        yield "Every voxel of the region is 0: nothing was measured there."
        return
    # Where values are no numbers, the sentence above says so.
    with np.errstate(invalid="ignore"):
        highest, mean = float(values.max()), float(values.mean())
    if mean < 0:
        yield "The mean SUV of the region is negative: noise, or a wrong image."
    elif highest > HIGHEST_SUV or highest < LOWEST_SUV:
        yield (
            f"A maximum SUV of {highest:.3g} g/ml is implausible: check the dose, the"
            " weight and the units of the image."
        )


def remarks_on_domain(reading: Reading, mask: Mask) -> Iterator[str]:
    """Say why there is no score, or what of the measurement the model was not made for.

    Parameters
    ----------
    reading : Reading
        Of the configured model.
    mask : Mask
        The region.
    """
    findings = reading.findings
    if findings.refused:
        yield f"The score is refused: {findings.refused}. The SUV are reported."
        return
    if reading.refusal:
        yield f"The score is refused: {reading.refusal}."
    if findings.outside:
        yield (
            f"This measurement is outside the model's domain: "
            f"{'; '.join(findings.outside)}. No probability and no class follow from "
            "its score."
        )
    least_mm = reading.model.domain.minimum_diameter_mm
    if findings.small_mm is not None and least_mm is not None:
        diameter = written(findings.small_mm, (least_mm, math.inf), ".1f")
        yield (
            f"Small region ({mask.voxels} voxels, as large as a sphere of "
            f"{diameter} mm; limit {least_mm:.1f} mm): partial volume and "
            "the number of voxels themselves shape its texture, so that its score has "
            "no probability and no class."
        )


def remarks_on_unknown(reading: Reading) -> Iterator[str]:
    """Say what of the measurement could not be compared with the model's domain."""
    if reading.findings.unknown:
        yield (
            "Not stated, so not compared with the model's domain: "
            f"{', '.join(reading.findings.unknown)}."
        )


def remarks_on_calibration(
    reading: Reading, readings: Mapping[str, Reading], *, with_class: bool
) -> Iterator[str]:
    """Say what an uncalibrated score does not mean.

    Parameters
    ----------
    reading : Reading
        Of the configured model, with a score.
    readings : mapping of str to Reading
        By name of the model, that one included.
    with_class : bool
        Whether it has a probability and a class all the same.
    """
    if reading.model.calibration is not Calibration.NONE:
        return
    consequence = (
        "its probability and class, given on the site's wish, are the published ones"
        if with_class
        else "it has no probability and no class"
    )
    yield (
        f"The score of {reading.model.name} is uncalibrated on this scanner: "
        f"{consequence}. Compare it with the other readings."
    )
    classes = {each.exhausted for each in readings.values()} - {None}
    if len(classes) == 2:  # noqa: PLR2004 - both sides of the cut-off
        yield "The readings of the equation lie on both sides of their cut-off."


def remarks_on_sensitivity(
    reading: Reading, sensitivity: Sensitivity | None, *, with_class: bool
) -> Iterator[str]:
    """Say where nothing tells how far the score could move, or its class hangs on it.

    Parameters
    ----------
    reading : Reading
        Of the configured model, with a score.
    sensitivity : Sensitivity or None
    with_class : bool
        Whether there is a class.
    """
    if sensitivity is None:
        yield "No sensitivity range: the image around the region tells no noise."
    elif with_class and sensitivity.low <= reading.model.cut_off <= sensitivity.high:
        yield (
            "The sensitivity range of the score holds the cut-off: what could as well "
            "have been drawn or measured gives the other class."
        )
