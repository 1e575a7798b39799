"""What a phantom is made from: its animal, its tumour, its scanner, its seed."""

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property

import numpy as np

from model.errors import ModelError
from model.grid import Grid, Vector
from model.mouse import FLANK_MM, REFERENCE_WEIGHT_G, Ellipsoid

F18_HALF_LIFE_S = 6586.2
"""Physical half-life of fluorine-18 as Inveon exports state it, seconds."""

PET_PIXEL_MM = 0.800024
"""0.776383 mm, the scanner's pixel, over a reconstruction zoom of 0.97045."""

SLICE_MM = 0.796
"""Distance of PET slices, millimetres."""

CT_FIELD_OF_VIEW_MM = 99.84
"""512 pixels of 0.195 mm."""

CT_OFFSET_MM: Vector = (0.13, -0.09, 0.199)
"""How far the CT's voxel centres lie from the PET's: nothing coincides by accident."""

_LIMITS = {
    "seed": (0, 2**63 - 1),
    "slices": (1, 2000),
    "rows": (8, 1024),
    "columns": (8, 1024),
    "ct_matrix": (16, 2048),
    "ct_slices": (1, 4000),
    "heterogeneity": (0.0, 0.55),
    "correlation_length_mm": (0.1, 20.0),
    "tumour_diameter_mm": (1.0, 25.0),
    "tumour_suv": (0.01, 100.0),
    "noise": (0.0, 1.0),
    "psf_fwhm_mm": (0.0, 10.0),
    "weight_g": (1.0, 1000.0),
    "injected_activity_bq": (1.0, 1e12),
    "uptake_s": (-3600.0, 86400.0),
    "scan_s": (1.0, 86400.0),
}


class Canvas(StrEnum):
    """The image on which the tumour was outlined."""

    PET = "pet"
    CT = "ct"


@dataclass(frozen=True)
class PhantomSpec:
    """What a phantom is made from; equal specifications give equal phantoms.

    Attributes
    ----------
    seed : int
        Of texture and noise.
    slices, rows, columns : int
        Of the PET.
    ct_matrix : int
        Rows and columns of the CT, over a field of view of `CT_FIELD_OF_VIEW_MM`.
    ct_slices : int or None
        Of the CT, over the length of the PET; None for as many as the PET has.
    heterogeneity : float
        Standard deviation of the tumour's uptake over its mean, before the scanner's
        resolution and noise; 0 to 0.55.
    correlation_length_mm : float
        Distance at which the correlation of the underlying Gaussian texture has fallen
        to exp(-1/2), millimetres.
    tumour_diameter_mm : float
        Of the sphere of the tumour's volume, millimetres.
    tumour_suv : float
        Mean uptake of the tumour before resolution and noise, g/ml.
    noise : float
        Standard deviation of the PET's noise where the SUV is 1, g/ml.
    psf_fwhm_mm : float
        Full width at half maximum of the PET's resolution, millimetres.
    weight_g : float
        Of the animal, grams.
    injected_activity_bq : float
        At the injection, becquerel.
    uptake_s, scan_s : float
        From the injection to the start of the scan, negative where a dynamic scan
        began first; length of the scan; seconds.

    Raises
    ------
    NumberOutOfRangeError
        When a number lies outside its limits.
    """

    seed: int
    slices: int = 159
    rows: int = 128
    columns: int = 128
    ct_matrix: int = 256
    ct_slices: int | None = None
    heterogeneity: float = 0.3
    correlation_length_mm: float = 1.0
    tumour_diameter_mm: float = 8.0
    tumour_suv: float = 2.5
    noise: float = 0.05
    psf_fwhm_mm: float = 1.6
    weight_g: float = 21.9
    injected_activity_bq: float = 5.55e6
    uptake_s: float = 3600.0
    scan_s: float = 900.0

    def __post_init__(self) -> None:
        """Refuse numbers of which no phantom can be made."""
        for attribute in fields(self):
            value = getattr(self, attribute.name)
            low, high = _LIMITS[attribute.name]
            if value is not None and not low <= value <= high:
                raise NumberOutOfRangeError(attribute.name, value, (low, high))

    @cached_property
    def pet_grid(self) -> Grid:
        """Grid of the PET; slice 0 is the most inferior, columns run to the right."""
        shape = (self.slices, self.rows, self.columns)
        return _grid(shape, (SLICE_MM, PET_PIXEL_MM), (0.0, 0.0, 0.0), Canvas.PET)

    @cached_property
    def ct_grid(self) -> Grid:
        """Grid of the CT."""
        slices = self.ct_slices or self.slices
        shape = (slices, self.ct_matrix, self.ct_matrix)
        spacing_mm = (
            round(self.slices * SLICE_MM / slices, 6),
            round(CT_FIELD_OF_VIEW_MM / self.ct_matrix, 6),
        )
        return _grid(shape, spacing_mm, CT_OFFSET_MM, Canvas.CT)

    @property
    def growth(self) -> float:
        """Lengths of this animal over those of the reference mouse."""
        return float(np.cbrt(self.weight_g / REFERENCE_WEIGHT_G))

    @property
    def tumour(self) -> Ellipsoid:
        """The tumour: flattened against the flank, half out of it."""
        radius_mm = self.tumour_diameter_mm / 2.0
        x, y, z = (self.growth * flank for flank in FLANK_MM)
        return Ellipsoid(
            (x - 0.3 * radius_mm, y, z),
            (0.9 * radius_mm, radius_mm, radius_mm / 0.9),
        )

    @property
    def activity_per_suv(self) -> float:
        """Bq/ml for an SUV of 1 at the start of the scan."""
        remaining = float(np.exp2(-self.uptake_s / F18_HALF_LIFE_S))
        return self.injected_activity_bq * remaining / self.weight_g


class ImpossiblePhantomError(ModelError):
    """No phantom can be made of these numbers."""

    reason = "impossible_phantom"
    remedy = "Ask for a phantom within the stated limits."


class NumberOutOfRangeError(ImpossiblePhantomError):
    """A number of a specification lies outside its limits."""

    def __init__(self, name: str, value: float, limits: tuple[float, float]) -> None:
        low, high = limits
        super().__init__(f"{name} must lie between {low} and {high}, not {value}")
        self.name = name
        self.value = value
        self.limits = limits


class TumourOutOfViewError(ImpossiblePhantomError):
    """The tumour does not lie wholly in an image, or falls between its voxels."""

    remedy = "Ask for more slices, rows and columns, or for another tumour or animal."

    def __init__(self, grid: Grid) -> None:
        super().__init__(
            f"the tumour does not lie wholly in the {grid.frame_of_reference} image of "
            f"{grid.shape} voxels, or holds none of them"
        )
        self.grid = grid


def _grid(
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float],
    offset_mm: Vector,
    name: str,
) -> Grid:
    """Return a grid around the gantry's centre, oriented as the Inveon exports it."""
    slice_mm, pixel_mm = spacing_mm
    slices, rows, columns = shape
    x, y, z = offset_mm
    origin_mm = (
        round(x + (columns - 1) / 2.0 * pixel_mm, 6),
        round(y - (rows - 1) / 2.0 * pixel_mm, 6),
        round(z - (slices - 1) / 2.0 * slice_mm, 6),
    )
    return Grid(
        shape=shape,
        origin_mm=origin_mm,
        slice_step_mm=(0.0, 0.0, slice_mm),
        row_step_mm=(0.0, pixel_mm, 0.0),
        column_step_mm=(-pixel_mm, 0.0, 0.0),
        frame_of_reference=name,
    )
