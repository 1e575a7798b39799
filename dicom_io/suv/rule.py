"""How a PET series becomes SUVbw: which rule applies, and with which numbers.

=====  ================  ============================================================
Units  Decay Correction  SUVbw is
=====  ================  ============================================================
BQML   START             value x weight / dose decayed to the decay reference
BQML   ADMIN             value x weight / dose
BQML   NONE              value x weight / dose decayed to the mean of each frame
GML    any               the value, where SUV Type is BW or empty; else, for people,
                         the value x weight / body size
CM2ML  any               for people, the value x weight / body surface area
CNTS   not NONE          value x Philips SUV scale factor; without it as below
CNTS   any               value x Philips activity factor is as BQML
=====  ================  ============================================================

Everything else is refused as `unsupported_units`.

Design choice: a cross-calibration factor corrects the scanner's calibration, whatever
the image was turned into afterwards. It multiplies all of them.

Design choice: the check of the activity balance can be switched off and does not know
images that are SUV already. But no voxel of any image can hold more than was injected:
SUV beyond the body weight over the volume of a voxel are always refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from pydicom.uid import (
    EnhancedPETImageStorage,
    LegacyConvertedEnhancedPETImageStorage,
)

from dicom_io.attributes import faults_of, text
from dicom_io.image_series import is_enhanced_pet
from dicom_io.pet.corrections import DecayCorrection, attenuation_statements
from dicom_io.pet.field_of_view import is_cropped
from dicom_io.pet.series import PetSeries
from dicom_io.pet.units import Units
from dicom_io.suv.from_activity import InjectionAfterScanError, from_activity
from dicom_io.suv.injected import injection_instant
from dicom_io.suv.normalised import already_suv, by_body_weight
from dicom_io.suv.numeric_faults import numbers_of
from dicom_io.suv.philips import factors_to_activity, factors_to_suv
from dicom_io.suv.rules import SuvRules
from dicom_io.suv.scan import Scan, SeveralAnimalsError
from model.activity_balance import activity_balance, filling_of, require_balance
from model.administration import Administration
from model.believed import believed_calibration
from model.grid import Volume
from model.suv import SuvConversion, as_suv, require_possible

__all__ = [
    "InjectionAfterScanError",
    "SeveralAnimalsError",
    "SuvRules",
    "convert_to_suv",
    "injection_instant",
]

_MULTI_FRAME: dict[str, str] = {
    EnhancedPETImageStorage: "Enhanced PET",
    LegacyConvertedEnhancedPETImageStorage: "Legacy Converted Enhanced PET",
}
_ACTIVITY = "activity_at_decay_reference_bq"


def convert_to_suv(
    series: PetSeries, rules: SuvRules, supplied: Sequence[Administration] = ()
) -> tuple[Volume, SuvConversion]:
    """Return the series in SUVbw, and how it became so.

    Parameters
    ----------
    series : PetSeries
    rules : SuvRules
    supplied : sequence of Administration
        What sources beside the PET say of the animal and its injection.

    Returns
    -------
    Volume
        g/ml.
    SuvConversion

    Raises
    ------
    DicomContentError, ModelError
        With its reason, when a value is missing, implausible, in doubt, or contradicts
        another one.
    """
    header = series.headers[0]
    with faults_of(header):
        said = attenuation_statements(
            header, required=rules.require_attenuation_correction
        )
        conversion = _BY_UNITS[series.units](series, rules, supplied)
        conversion = _named(conversion, series)
        conversion = _cross_calibrated(conversion, rules, supplied)
        suv = as_suv(series.volume, conversion.slice_factors or (conversion.factor,))
        with numbers_of(header, "RadionuclideTotalDose", "RescaleSlope", "Units"):
            checked, told = _balanced(series, suv, conversion, rules)
        with numbers_of(header, "RescaleSlope", "Units"):
            require_possible(suv, rules.limits.weight_g[1])
    statements = (*series.statements, *said, *conversion.statements, *told)
    numbers = {**series.numbers, **conversion.numbers, **checked}
    return suv, replace(conversion, numbers=numbers, statements=statements)


def _named(conversion: SuvConversion, series: PetSeries) -> SuvConversion:
    """Say of which kind of multi-frame image the values are, where they are of one."""
    header = series.headers[0]
    kind = _MULTI_FRAME.get(text(header, "SOPClassUID"))
    if kind is None:
        return conversion
    rule = conversion.rule
    if is_enhanced_pet(header):
        # Its units are no defined terms, but codes.
        rule = rule.replace(f"{series.units},", f"{series.units.ucum},", 1)
    return replace(conversion, rule=f"{kind}, {rule}")


def _from_becquerel(
    series: PetSeries, rules: SuvRules, supplied: Sequence[Administration]
) -> SuvConversion:
    conversion = from_activity(series, rules, supplied)
    return replace(conversion, rule=f"BQML, {conversion.rule}")


def _from_suv(
    series: PetSeries, rules: SuvRules, supplied: Sequence[Administration]
) -> SuvConversion:
    return already_suv(_scan(series, rules), series.units, rules, supplied)


def _from_counts(
    series: PetSeries, rules: SuvRules, supplied: Sequence[Administration]
) -> SuvConversion:
    corrected = series.decay_correction is not DecayCorrection.NONE
    to_suv = factors_to_suv(series.headers) if corrected else None
    if to_suv is not None:
        rule = "CNTS, values x Philips SUV scale factor (7053,1000) are SUVbw"
        scan = _scan(series, rules)
        conversion = by_body_weight((rule, ()), scan, rules, supplied)
        numbers = {**conversion.numbers, "philips_suv_scale_factor": to_suv[0]}
        return replace(conversion.scaled(to_suv), numbers=numbers)
    to_activity = factors_to_activity(series.headers)
    conversion = from_activity(series, rules, supplied).scaled(to_activity)
    name = "philips_activity_scale_factor"
    return replace(
        conversion,
        rule=f"CNTS, Philips activity scale factor (7053,1009), {conversion.rule}",
        numbers={**conversion.numbers, name: to_activity[0]},
    )


_Converter = Callable[[PetSeries, SuvRules, Sequence[Administration]], SuvConversion]
_BY_UNITS: dict[Units, _Converter] = {
    Units.BQML: _from_becquerel,
    Units.GML: _from_suv,
    Units.CM2ML: _from_suv,
    Units.CNTS: _from_counts,
}


def _scan(series: PetSeries, rules: SuvRules) -> Scan:
    """Return the scan of an image whose SUV was made by its scanner.

    Raises
    ------
    SeveralAnimalsError
        When it shows several animals: then it was made with the weight of none.
    """
    scan = Scan(series.headers[0], None, rules.zone, None)
    if scan.of_several_animals:
        raise SeveralAnimalsError(scan.header)
    return scan


def _cross_calibrated(
    conversion: SuvConversion, rules: SuvRules, supplied: Sequence[Administration]
) -> SuvConversion:
    factor = believed_calibration(supplied, rules.sources)
    if factor is None:
        return conversion
    return replace(
        conversion.scaled((factor.value,)),
        numbers={**conversion.numbers, **factor.numbers},
        statements=(*conversion.statements, *factor.statements),
    )


def _balanced(
    series: PetSeries, suv: Volume, conversion: SuvConversion, rules: SuvRules
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the activity in view over the injected one, and what must be said of it.

    Raises
    ------
    ActivityBalanceError
    """
    dose_bq = conversion.numbers.get(_ACTIVITY)
    if not rules.check_activity_balance or dose_bq is None:
        return {}, ()
    header = series.headers[0]
    # One dose says nothing of the activity of several animals.
    if Scan(header, None, rules.zone, None).of_several_animals:
        return {}, ()
    activity = _activity(series, suv, conversion, dose_bq)
    filling = filling_of(activity)
    uncorrected = bool(attenuation_statements(header, required=False))
    own = filling if activity is series.volume else None
    cropped = uncorrected or is_cropped(series, own)
    said = require_balance(activity, dose_bq, filling, cropped=cropped)
    return {"activity_balance": activity_balance(activity, dose_bq, filling)}, said


def _activity(
    series: PetSeries, suv: Volume, conversion: SuvConversion, dose_bq: float
) -> Volume:
    """Return the image in Bq/ml, all of it for the instant of the dose."""
    per_suv = dose_bq / conversion.numbers["weight_g"]
    same = np.isclose(conversion.factor * per_suv, 1.0, rtol=1e-9, atol=0.0)
    if same and not conversion.slice_factors:
        return series.volume
    return Volume(suv.grid, suv.values * per_suv, Units.BQML.ucum)
