"""How a case's image came about, as far as anybody states it.

Design choice: what was recorded beside the scan (the injection log, an acquisition
context) is believed for the route before the PET's header, as for the weight. The
species is the image's, and the configured one where it states none, as Inveon does.
What cannot be read counts as not stated: SUV does not hang on it.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from dicom_io.errors import DicomContentError
from dicom_io.pet.route import route_named, route_of
from dicom_io.pet.species import species_of
from dicom_io.pet.tracer import StatedTracer, tracer_of
from dicom_io.suv.rule import SuvRules
from model.score.domain import Circumstances
from node.case.suv_image import SuvImage

_SECONDS_PER_MINUTE = 60.0
_UPTAKE_KEYS = ("averaged_from_s", "uptake_s")
"""Of an average over time frames, and of a static scan: when it began."""
_TRACER_KEYS = ("tracer", "radiopharmaceutical")
"""Columns of a site's own log."""

Value = TypeVar("Value")


def circumstances_of(image: SuvImage, rules: SuvRules) -> Circumstances:
    """Return the circumstances of an image.

    Parameters
    ----------
    image : SuvImage
    rules : SuvRules
        Whose species is that of images that state none.
    """
    header = image.series.headers[0]
    context = {name.casefold(): value for name, value in image.context}
    beside = [context[key] for key in _TRACER_KEYS if key in context]
    tracer = _if_readable(lambda: tracer_of(header, beside)) or StatedTracer(None, None)
    route = route_named(context.get("route", ""))
    return Circumstances(
        tracer=tracer.name,
        radionuclide=tracer.radionuclide,
        species=_if_readable(lambda: species_of(header)) or rules.limits.species,
        route=route or _if_readable(lambda: route_of(header)),
        uptake_min=_uptake_min(image.conversion.numbers),
    )


def _uptake_min(numbers: Mapping[str, float]) -> float | None:
    for key in _UPTAKE_KEYS:
        if key in numbers:
            return numbers[key] / _SECONDS_PER_MINUTE
    return None


def _if_readable(read: Callable[[], Value]) -> Value | None:
    try:
        return read()
    except DicomContentError:
        return None
