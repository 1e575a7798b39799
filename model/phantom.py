"""The numbers of a phantom: a mouse with a flank tumour whose answer is known.

Design choice: uptake and density are painted as analytic shapes, then seen through a
scanner's resolution and noise. Texture, PET noise and CT noise come from three separate
streams of the seed, so that a change of the tumour's heterogeneity leaves the noise
as it was and two phantoms differ in nothing but what was asked for.

Design choice: the texture's values are equally likely between
``mean * (1 - sqrt(3) * heterogeneity)`` and ``mean * (1 + sqrt(3) * heterogeneity)``:
uptake is never negative and no outlier stretches the grey levels.

Design choice: noise goes with the square root of the uptake, as counts do, and carries
the scanner's own correlation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import ndtr

from model.grid import Grid, Mask, Volume
from model.mouse import BED, BODY, ORGANS, Box, Ellipsoid
from model.phantom_spec import Canvas, PhantomSpec, TumourOutOfViewError

__all__ = ["Canvas", "Phantom", "PhantomSpec", "TumourTruth", "make_phantom"]

TUMOUR_HOUNSFIELD = 45.0
AIR_HOUNSFIELD = -1000.0
CT_NOISE_HOUNSFIELD = 30.0
SKIN_MM = 0.7
SKIN_SUV = 0.55
NOISE_FLOOR_SUV = 0.02
"""Uptake under which the noise no longer falls, g/ml."""

_FWHM_PER_SIGMA = float(np.sqrt(8.0 * np.log(2.0)))
_TEXTURE, _PET_NOISE, _CT_NOISE = 1, 2, 3


@dataclass(frozen=True)
class TumourTruth:
    """What a correct reading of the tumour finds.

    Attributes
    ----------
    voxels : int
    volume_ml : float
        Number of voxels times the volume of one.
    suv_min, suv_median, suv_mean, suv_max : float
        Of the PET in these voxels, g/ml, before it is stored as integers.
    """

    voxels: int
    volume_ml: float
    suv_min: float
    suv_median: float
    suv_mean: float
    suv_max: float


@dataclass(frozen=True, eq=False)
class Phantom:
    """A mouse that has been scanned, and what is true of it.

    Attributes
    ----------
    spec : PhantomSpec
    suv : Volume
        The PET, g/ml.
    hounsfield : Volume
        The CT, Hounsfield units.
    tumour : Ellipsoid
    tumour_mask : Mask
        PET voxels whose centres lie in the tumour.
    ct_tumour_mask : Mask
        CT voxels whose centres lie in the tumour.
    """

    spec: PhantomSpec
    suv: Volume
    hounsfield: Volume
    tumour: Ellipsoid
    tumour_mask: Mask
    ct_tumour_mask: Mask

    def mask_drawn_on(self, canvas: Canvas) -> Mask:
        """Return the PET voxels inside an outline drawn on an image.

        An outline follows the edges of the voxels of its image. A PET voxel is inside
        when its centre lies in one of them, in the plane nearest to its own.
        """
        if canvas is Canvas.PET:
            return self.tumour_mask
        pet, drawn = self.suv.grid, self.ct_tumour_mask
        inside = np.zeros(pet.shape, np.bool_)
        # Beyond this margin no CT voxel of the tumour is the nearest one.
        near = np.zeros(pet.shape, np.bool_)
        near[self.tumour.grown(max(drawn.grid.spacing_mm)).box(pet)] = True
        candidates = np.argwhere(near)
        points_mm = pet.points_mm(candidates.astype(np.float64))
        nearest = np.rint(drawn.grid.indices(points_mm)).astype(int)
        valid = np.all((nearest >= 0) & (nearest < drawn.grid.shape), axis=1)
        nearest, candidates = nearest[valid], candidates[valid]
        inside[tuple(candidates.T)] = drawn.inside[tuple(nearest.T)]
        return Mask(pet, inside)

    def regions_on(self, canvas: Canvas) -> dict[str, Mask]:
        """Return what can be outlined on an image, by name: nested, as people draw.

        Returns
        -------
        dict of str to Mask
            The tumour first; on the grid of the image.
        """
        tumour = self.tumour_mask if canvas is Canvas.PET else self.ct_tumour_mask
        grid = tumour.grid
        body = np.zeros(grid.shape, np.bool_)
        for part in BODY:
            body |= part.shape.scaled(self.spec.growth).contains(grid)
        core = self.tumour.grown(-min(self.tumour.semi_axes_mm) / 2.0)
        return {
            "Tumor": tumour,
            "Tumor core": Mask(grid, core.contains(grid)),
            "Body": Mask(grid, body),
        }

    def truth(self, canvas: Canvas) -> TumourTruth:
        """Return what a correct reading of an outline drawn on an image finds."""
        mask = self.mask_drawn_on(canvas)
        values = self.suv.inside(mask)
        return TumourTruth(
            voxels=mask.voxels,
            volume_ml=mask.volume_ml,
            suv_min=float(values.min()),
            suv_median=float(np.median(values)),
            suv_mean=float(values.mean()),
            suv_max=float(values.max()),
        )

    @property
    def activity_balance(self) -> float:
        """Activity in the field of view over the injected activity, decay apart."""
        total = float(self.suv.values.sum()) * self.suv.grid.voxel_volume_ml
        return total / self.spec.weight_g


def make_phantom(spec: PhantomSpec) -> Phantom:
    """Return the phantom of a specification; the same one every time.

    Raises
    ------
    TumourOutOfViewError
        When the tumour does not lie wholly in both fields of view.
    """
    tumour = spec.tumour
    mask = _in_view(tumour, spec.pet_grid)
    ct_mask = _in_view(tumour, spec.ct_grid)
    return Phantom(
        spec=spec,
        suv=Volume(spec.pet_grid, _scanned_pet(spec, mask), "g/ml"),
        hounsfield=Volume(spec.ct_grid, _scanned_ct(spec), "[hnsf'U]"),
        tumour=tumour,
        tumour_mask=mask,
        ct_tumour_mask=ct_mask,
    )


def _scanned_pet(spec: PhantomSpec, mask: Mask) -> NDArray[np.float32]:
    grid = spec.pet_grid
    uptake = np.zeros(grid.shape, np.float32)
    for organ in (*BODY, *ORGANS):
        _paint(uptake, grid, organ.shape.scaled(spec.growth), organ.suv)
    tumour = spec.tumour
    _paint(uptake, grid, tumour.grown(SKIN_MM), SKIN_SUV)
    _paint(uptake, grid, tumour, _tumour_uptake(spec, mask))

    sigma = np.divide(spec.psf_fwhm_mm / _FWHM_PER_SIGMA, grid.spacing_mm)
    seen = gaussian_filter(uptake, sigma)
    stream = np.random.default_rng([spec.seed, _PET_NOISE])
    noise = gaussian_filter(stream.standard_normal(grid.shape, np.float32), sigma)
    noise *= spec.noise / noise.std()
    noise *= np.sqrt(np.maximum(seen, np.float32(NOISE_FLOOR_SUV)))
    return np.asarray(np.maximum(seen + noise, 0.0))


def _tumour_uptake(spec: PhantomSpec, mask: Mask) -> NDArray[np.float64]:
    """Return uptake on the tumour's box; mean and deviation hold inside the tumour."""
    box = spec.tumour.box(spec.pet_grid)
    inside = mask.inside[box]
    stream = np.random.default_rng([spec.seed, _TEXTURE])
    # White noise smoothed by a Gaussian of width s has the correlation
    # exp(-r^2 / (4 s^2)), which is exp(-1/2) at r = sqrt(2) s.
    width_mm = spec.correlation_length_mm / np.sqrt(2.0)
    texture = gaussian_filter(
        stream.standard_normal(inside.shape),
        np.divide(width_mm, spec.pet_grid.spacing_mm),
    )
    texture = _standardised(texture, inside)
    texture = _standardised(ndtr(texture), inside)
    uptake = np.maximum(1.0 + spec.heterogeneity * texture, 0.0)
    return np.asarray(spec.tumour_suv * uptake / uptake[inside].mean())


def _standardised(
    values: NDArray[np.float64], inside: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return values with mean 0 and deviation 1 inside; zeros where all are equal."""
    deviation = values[inside].std()
    centred = values - values[inside].mean()
    return centred / deviation if deviation > 0 else np.zeros_like(values)


def _scanned_ct(spec: PhantomSpec) -> NDArray[np.float32]:
    grid = spec.ct_grid
    stream = np.random.default_rng([spec.seed, _CT_NOISE])
    image = np.full(grid.shape, AIR_HOUNSFIELD, np.float32)
    _paint(image, grid, BED.shape, BED.hounsfield)
    for organ in (*BODY, *ORGANS):
        _paint(image, grid, organ.shape.scaled(spec.growth), organ.hounsfield)
    _paint(image, grid, spec.tumour, TUMOUR_HOUNSFIELD)
    noise = stream.standard_normal(grid.shape, dtype=np.float32)
    image += np.float32(CT_NOISE_HOUNSFIELD) * noise
    return image


def _paint(
    image: NDArray[np.floating],
    grid: Grid,
    shape: Ellipsoid,
    value: float | NDArray[np.float64],
) -> None:
    """Put a value where a shape is, mixed at its edge with what was there."""
    box: Box = shape.box(grid)
    coverage = shape.coverage(grid, box)
    image[box] += coverage * (value - image[box])


def _in_view(tumour: Ellipsoid, grid: Grid) -> Mask:
    """Return the tumour's voxels, a millimetre or more from the edge of the image."""
    centre = np.array(tumour.centre_mm)
    reach = np.array(tumour.grown(1.0).semi_axes_mm)
    corners = grid.indices(np.array([centre - reach, centre + reach]))
    mask = Mask(grid, tumour.contains(grid))
    wholly = np.all(corners >= 0) and np.all(corners <= np.array(grid.shape) - 1)
    if not (wholly and mask.voxels):
        raise TumourOutOfViewError(grid)
    return mask
