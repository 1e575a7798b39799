"""For which measurements a score model was made.

Design choice: a model's domain is data in its file, and what is not stated there is not
checked. Outside it a score is no probability of anything; with another tracer it is not
even the same quantity, and refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Span = tuple[float, float]
"""Least and greatest value, both included."""


@dataclass(frozen=True)
class Domain:
    """What a model was made for; empty or None where it does not matter.

    Attributes
    ----------
    tracers : tuple of str
        Names as `Circumstances.tracer` has them, for example ``FDG``.
    species : tuple of str
        For example ``mouse``.
    routes : tuple of str
        Of administration, for example ``intraperitoneal``.
    uptake_min : Span or None
        Minutes between injection and scan.
    units : str
        UCUM of the image, ``g/ml{SUVbw}``.
    voxel_mm : Span or None
        Spacing of the voxels along any axis.
    minimum_diameter_mm : float or None
        Of a sphere of the region's volume; below it partial volume shapes the texture.
    features : mapping of str to Span
        Ranges of the training data where they are known, by name of the catalogue.
    """

    tracers: tuple[str, ...] = ()
    species: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    uptake_min: Span | None = None
    units: str = ""
    voxel_mm: Span | None = None
    minimum_diameter_mm: float | None = None
    features: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True)
class Circumstances:
    """How an image came about, as far as it is stated.

    Attributes
    ----------
    tracer : str or None
        ``FDG`` where a code or name says so, else the name as stated.
    radionuclide : str or None
        For example ``F-18``.
    species : str
        As the image states it, else as the configuration does.
    route : str or None
        Of administration.
    uptake_min : float or None
        Minutes between injection and scan.
    """

    tracer: str | None = None
    radionuclide: str | None = None
    species: str = ""
    route: str | None = None
    uptake_min: float | None = None
