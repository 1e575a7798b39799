"""Whether a measurement is one that a score model was made for.

Design choice: another tracer is another quantity, so that its score is refused.
Anything else outside the domain leaves a number that can be compared within one
protocol: it is scored, without probability or class, and the result says what differs.
What nobody states is not held against the measurement; it is named.

Design choice: a small region is outside the domain too, with a sentence of its own,
since people act on it otherwise: partial volume shapes its texture.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.grid import Mask
from model.score.domain import Circumstances, Domain, Span

SUV_UNITS = "g/ml{SUVbw}"
"""UCUM of the only images that are scored."""
RADIONUCLIDE_OF = {"FDG": "F-18"}
"""The radionuclide of a tracer, for images that state no tracer."""
_SAME_SPACING = 1e-3
"""Spacings that differ by less, relatively, are written as one."""
_MOST_DIGITS = 10


@dataclass(frozen=True)
class Extent:
    """How large a region and its voxels are, as far as it is known.

    Attributes
    ----------
    spacing_mm : tuple of float
        Along the axes that are known.
    volume_ml : float or None
    """

    spacing_mm: tuple[float, ...]
    volume_ml: float | None


@dataclass(frozen=True)
class DomainFindings:
    """What a comparison with a domain found.

    Attributes
    ----------
    refused : str
        Why there can be no score; empty where there can.
    outside : tuple of str
        What differs, for example ``species is human, not mouse``.
    small_mm : float or None
        Diameter of a sphere of the region's volume where it is below the minimum.
    unknown : tuple of str
        What the domain names and nobody states.
    """

    refused: str = ""
    outside: tuple[str, ...] = ()
    small_mm: float | None = None
    unknown: tuple[str, ...] = ()

    @property
    def inside(self) -> bool:
        """Whether all that is known lies in the domain."""
        return not self.refused and not self.outside and self.small_mm is None


def check_domain(
    domain: Domain,
    circumstances: Circumstances,
    mask: Mask,
    features: Mapping[str, float],
) -> DomainFindings:
    """Return what of a measurement lies outside a domain.

    Parameters
    ----------
    domain : Domain
    circumstances : Circumstances
        How the image came about, as far as it is stated.
    mask : Mask
        The region, on the image's grid.
    features : mapping of str to float
        The region's, by name; those that are not defined are not compared.
    """
    extent = Extent(tuple(mask.grid.spacing_mm), mask.volume_ml)
    return check_stated(domain, circumstances, extent, features)


def check_stated(
    domain: Domain,
    circumstances: Circumstances,
    extent: Extent,
    features: Mapping[str, float],
) -> DomainFindings:
    """Return what of a measurement lies outside a domain, as a table states it.

    Parameters
    ----------
    domain : Domain
    circumstances : Circumstances
    extent : Extent
        Of the region; what is not known is not compared.
    features : mapping of str to float
    """
    refused = _other_tracer(domain, circumstances)
    outside = (
        *_other_names(domain, circumstances),
        *_other_numbers(domain, circumstances, extent.spacing_mm),
        *_other_features(domain, features),
    )
    least_mm, volume_ml = domain.minimum_diameter_mm, extent.volume_ml
    diameter_mm = math.inf if volume_ml is None else sphere_diameter_mm(volume_ml)
    small = least_mm is not None and diameter_mm < least_mm
    return DomainFindings(
        refused=refused,
        outside=outside,
        small_mm=diameter_mm if small else None,
        unknown=() if refused else tuple(_unknown(domain, circumstances)),
    )


def sphere_diameter_mm(volume_ml: float) -> float:
    """Return the diameter of a sphere of a volume."""
    return float(10 * (6 * volume_ml / math.pi) ** (1 / 3))


def _other_tracer(domain: Domain, circumstances: Circumstances) -> str:
    tracer = circumstances.tracer
    if not domain.tracers:
        return ""
    accepted = {name.casefold() for name in domain.tracers}
    if tracer is not None and tracer.casefold() not in accepted:
        made_for = " or ".join(domain.tracers)
        return f"the tracer is {tracer}, and the model was made for {made_for}"
    candidates = domain.tracers if tracer is None else (tracer,)
    return _other_radionuclide(circumstances.radionuclide, candidates)


def _other_radionuclide(stated: str | None, tracers: Sequence[str]) -> str:
    expected = [RADIONUCLIDE_OF.get(name.upper()) for name in tracers]
    if stated is None or None in expected or stated in expected:
        return ""
    of = " or ".join(dict.fromkeys(str(nuclide) for nuclide in expected))
    return f"the radionuclide is {stated}, and that of {' or '.join(tracers)} is {of}"


def _other_names(domain: Domain, circumstances: Circumstances) -> Iterator[str]:
    for what, stated, accepted in (
        ("species", circumstances.species, domain.species),
        ("route of administration", circumstances.route, domain.routes),
    ):
        if accepted and stated and not _is_among(stated, accepted):
            yield f"{what} is {stated}, not {' or '.join(accepted)}"


def _other_numbers(
    domain: Domain, circumstances: Circumstances, spacing_mm: tuple[float, ...]
) -> Iterator[str]:
    uptake, accepted = circumstances.uptake_min, domain.uptake_min
    if uptake is not None and accepted and not _lies_in(uptake, accepted):
        shown = written(uptake, accepted, ".0f")
        yield f"uptake time is {shown} min, not {_span(accepted)} min"
    if domain.units and domain.units != SUV_UNITS:
        yield f"units are {SUV_UNITS}, not {domain.units}"
    if domain.voxel_mm and not all(_lies_in(s, domain.voxel_mm) for s in spacing_mm):
        found = _spread(spacing_mm, domain.voxel_mm)
        yield f"voxel spacing is {found} mm, not {_span(domain.voxel_mm)} mm"


def _other_features(domain: Domain, features: Mapping[str, float]) -> Iterator[str]:
    for name, accepted in domain.features.items():
        value = features.get(name, math.nan)
        if math.isfinite(value) and not _lies_in(value, accepted):
            shown = written(value, accepted, ".4g")
            yield f"{name} is {shown}, not {_span(accepted)}"


def _unknown(domain: Domain, circumstances: Circumstances) -> Iterator[str]:
    for what, asked, stated in (
        ("tracer", domain.tracers, circumstances.tracer),
        ("species", domain.species, circumstances.species),
        ("route of administration", domain.routes, circumstances.route),
        ("uptake time", domain.uptake_min, circumstances.uptake_min),
    ):
        if asked and stated in {None, ""}:
            yield what


def _is_among(stated: str, accepted: Sequence[str]) -> bool:
    """Return whether a name is accepted, or has an accepted one among its words.

    A site's own ``nude-mouse`` is a mouse.
    """
    words = {stated.casefold(), *re.findall(r"[^\W_]+", stated.casefold())}
    return any(name.casefold() in words for name in accepted)


def _lies_in(value: float, span: Span) -> bool:
    return span[0] <= value <= span[1]


def _span(span: Span) -> str:
    return f"{span[0]:g} to {span[1]:g}"


def _spread(spacing_mm: Sequence[float], accepted: Span) -> str:
    least, greatest = min(spacing_mm), max(spacing_mm)
    texts = [written(each, accepted, ".3g") for each in (least, greatest)]
    if greatest - least <= _SAME_SPACING * greatest:
        # The one that is outside, if only one is.
        return texts[0] if not _lies_in(least, accepted) else texts[1]
    return " to ".join(texts)


def written(value: float, span: Span, pattern: str) -> str:
    """Return a number as people read it, not rounded into or out of a span.

    Parameters
    ----------
    value : float
    span : Span
        Beside which it will stand.
    pattern : str
        How it is written where that is exact enough, for example ``.0f``.
    """
    digits, kind = int(pattern[1:-1]), pattern[-1]
    for more in range(_MOST_DIGITS - digits):
        text = f"{value:.{digits + more}{kind}}"
        if _lies_in(float(text), span) == _lies_in(value, span):
            return text
    return repr(value)
