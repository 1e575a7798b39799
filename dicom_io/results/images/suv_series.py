"""The PET in SUVbw as an ordinary PET series (PS3.3 A.21, *Units* GML).

Design choice: viewers compute SUV each in their own way out of dose, weight and times,
and some get it wrong. Here it is done, in units that need no computing, with the
numbers that it was done with in *Derivation Description*.

Design choice: the window is 0 to 5 g/ml, in which FDG is mostly read, so that animals
and time points look alike; an image that stays below is shown up to its greatest value.

Design choice: the slope is by slice (`dicom_io.results.images.stored_values`).
"""

from collections.abc import Iterator

from pydicom.sr.coding import Code

from dicom_io.attributes import required_number
from dicom_io.pet.real_world_values import written_mapping
from dicom_io.pet.series import PetSeries
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.images.pet_images import Identities, ImageKind, derived_images
from dicom_io.results.images.single_frames import EncodedInstance
from dicom_io.results.images.stored_values import stored_values
from dicom_io.stamp import Equipment
from model.grid import Volume, require_same_grid
from model.suv import SuvConversion

SUV_DESCRIPTION = "SUVbw (g/ml)"
"""*Series Description*."""

_MULTIPLIED = Code("113053", "DCM", "Pixel by pixel multiplication")
"""PS3.16 CID 7203."""
_WINDOW_G_PER_ML = 5.0
_SHORT_TEXT = 1024
_NUMBERS = {
    "weight_g": "body weight {:.6g} g",
    "injected_activity_bq": "injected activity {:.6g} Bq",
    "half_life_s": "half-life {:.6g} s",
    "decay_s": "decay over {:.6g} s",
}


def build_suv_series(
    series: PetSeries,
    suv: tuple[Volume, SuvConversion],
    identities: Identities,
    equipment: Equipment,
    subject: SourceGroupSubject | None = None,
) -> Iterator[EncodedInstance]:
    """Give the images of a PET in SUVbw, in the order of slices.

    Parameters
    ----------
    series : PetSeries
        What they were computed from; they join this study and frame of reference.
    suv : tuple of (Volume, SuvConversion)
        SUVbw, g/ml, on the grid of the series, and how it was computed.
    identities : callable
        Gives the identity of an instance, counted from 1.
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the images are then in a study of its.

    Raises
    ------
    GridMismatchError
        When the SUV stand on another grid.
    NonFinitePixelsError
        When a value is not finite.
    """
    volume, conversion = suv
    require_same_grid(series.volume.grid, volume.grid)
    stored = stored_values(volume, _slopes(series, conversion))
    greatest = float(volume.values.max())
    kind = ImageKind(
        units="GML",
        derivation=_MULTIPLIED,
        description=_derivation(series, conversion),
        window=(0.0, min(greatest, _WINDOW_G_PER_ML) if greatest > 0 else 1.0),
        window_explanation=SUV_DESCRIPTION,
        further={"SUVType": "BW"},
    )
    return derived_images(series, stored, kind, identities, equipment, subject)


def _slopes(series: PetSeries, conversion: SuvConversion) -> list[float] | None:
    """Return SUVbw per stored value of each slice; None where there is none."""
    if series.time_frames:
        return None
    slopes = []
    for header in series.headers:
        mapped = written_mapping(header)
        if mapped is None:
            mapped = required_number(header, "RescaleSlope"), 0.0
        slope, intercept = mapped
        if intercept != 0.0:
            return None
        slopes.append(slope)
    factors = conversion.slice_factors or (conversion.factor,) * len(slopes)
    return [slope * factor for slope, factor in zip(slopes, factors, strict=True)]


def _derivation(series: PetSeries, conversion: SuvConversion) -> str:
    """Return in words how the image came about."""
    said = [f"SUVbw in g/ml. Rule: {conversion.rule}"]
    said += [
        words.format(conversion.numbers[name])
        for name, words in _NUMBERS.items()
        if name in conversion.numbers
    ]
    if series.time_frames:
        first, last = series.time_frames[0].number, series.time_frames[-1].number
        said.append(f"mean of time frames {first} to {last}")
    return f"{'; '.join(said)}."[:_SHORT_TEXT]
