"""How files say what lies between an image and its features.

Score models and feature profiles share these tables. Every key is required unless its
sense excludes it (`levels` goes with a given number of levels, `histogram` with the
kurtosis of bin probabilities) or it is said to be optional.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from model.features.levels import MAXIMUM_LEVELS
from model.features.preparation import (
    Aggregation,
    Dimension,
    Discretisation,
    HistogramBins,
    Interpolation,
    KurtosisKind,
    Limits,
    Preparation,
    Resampling,
    Resegmentation,
)

KEEP = "keep"
"""In place of a spacing: the image's own along that axis."""

Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
LevelCount = Annotated[int, Field(ge=2, le=MAXIMUM_LEVELS)]

_AXES = 3
_LONGEST_MM = 1e6
_COUNTED = {Discretisation.IBEX_FIXED_COUNT, Discretisation.IBSI_FIXED_BIN_NUMBER}


class StrictTable(BaseModel):
    """A table whose keys are all known and of exactly their types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def refuse(mistakes: Iterable[str]) -> None:
    """Refuse a table for what its keys say together.

    Raises
    ------
    ValueError
        With all the mistakes, for pydantic; none where there are none.
    """
    wrong = tuple(mistakes)
    if wrong:
        raise ValueError("; ".join(wrong))


def _spacings(wanted: Any) -> Any:
    values = wanted if isinstance(wanted, list) else []
    right = [value for value in values if value == KEEP or _is_length(value)]
    if len(values) != _AXES or len(right) != _AXES:
        refuse([f'must be three positive numbers or "{KEEP}": slice, row, column'])
    return wanted


def _is_length(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < value <= _LONGEST_MM


class ResamplingTable(StrictTable):
    """The table `resampling`; `Resampling` says what its keys mean."""

    spacing_mm: Annotated[Any, AfterValidator(_spacings)]
    interpolation: Interpolation
    round_values: bool = False
    mask_interpolation: Interpolation = Interpolation.LINEAR
    mask_threshold: Annotated[Number, Field(gt=0, le=1)] = 0.5

    def value(self) -> Resampling:
        """Return what the table says."""
        slices, rows, columns = (
            None if each == KEEP else float(each) for each in self.spacing_mm
        )
        return Resampling(
            **self.model_dump(exclude={"spacing_mm"}),
            spacing_mm=(slices, rows, columns),
        )


class ResegmentationTable(StrictTable):
    """The table `resegmentation`; `Resegmentation` says what its keys mean."""

    low: Number | None = None
    high: Number | None = None
    outlier_sigmas: Positive | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        low, high = self.low, self.high
        wrong = []
        if low is None and high is None and self.outlier_sigmas is None:
            wrong.append("says nothing: give low, high or outlier_sigmas")
        if low is not None and high is not None and not low < high:
            wrong.append("low must lie below high")
        refuse(wrong)
        return self

    def value(self) -> Resegmentation:
        """Return what the table says."""
        return Resegmentation(**self.model_dump())


class _Histogram(StrictTable):
    intervals: Annotated[int, Field(ge=2, le=100_000)]
    low: Number
    high: Number

    @model_validator(mode="after")
    def _ascend(self) -> Self:
        refuse([] if self.low < self.high else ["low must lie below high"])
        return self


class PreparationTable(StrictTable):
    """The table `preparation`; `Preparation` says what its keys mean."""

    discretisation: Discretisation
    levels: LevelCount | None = None
    bin_size: Positive | None = None
    limits: Limits
    low: Number | None = None
    high: Number | None = None
    dimension: Dimension
    aggregation: Aggregation
    offset: Annotated[int, Field(ge=1, le=100)]
    symmetric: bool
    kurtosis: KurtosisKind
    histogram: _Histogram | None = None
    resampling: ResamplingTable | None = None
    resegmentation: ResegmentationTable | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        binned = self.kurtosis is KurtosisKind.BIN_PROBABILITIES
        wrong = [*self._wrong_levels(), *self._wrong_limits()]
        if binned != (self.histogram is not None):
            wrong.append("histogram goes with kurtosis bin_probabilities, only")
        refuse(wrong)
        return self

    def _wrong_levels(self) -> Iterable[str]:
        sized = self.discretisation is Discretisation.IBSI_FIXED_BIN_SIZE
        if (self.discretisation in _COUNTED) != (self.levels is not None):
            yield (
                "levels goes with discretisation ibex_fixed_count or "
                "ibsi_fixed_bin_number, only"
            )
        if sized != (self.bin_size is not None):
            yield "bin_size goes with discretisation ibsi_fixed_bin_size, only"

    def _wrong_limits(self) -> Iterable[str]:
        fixed = self.limits is Limits.FIXED
        sized = self.discretisation is Discretisation.IBSI_FIXED_BIN_SIZE
        low, high = self.low, self.high
        if fixed != (high is not None):
            yield "high goes with limits fixed, only"
        if (fixed and low is None) or (low is not None and not (fixed or sized)):
            yield "low goes with limits fixed or discretisation ibsi_fixed_bin_size"
        if low is not None and high is not None and not low < high:
            yield "low must lie below high"

    def value(self) -> Preparation:
        """Return what the table says."""
        inner = {"histogram", "resampling", "resegmentation"}
        bins, resampling, kept = self.histogram, self.resampling, self.resegmentation
        return Preparation(
            **self.model_dump(exclude=inner),
            histogram=None if bins is None else HistogramBins(**bins.model_dump()),
            resampling=None if resampling is None else resampling.value(),
            resegmentation=None if kept is None else kept.value(),
        )


def preparation_content(preparation: Preparation) -> dict[str, Any]:
    """Return a preparation as the content of its table; what is None is left out."""
    choices: dict[str, Any] = {
        "discretisation": str(preparation.discretisation),
        "levels": preparation.levels,
        "bin_size": _real(preparation.bin_size),
        "limits": str(preparation.limits),
        "low": _real(preparation.low),
        "high": _real(preparation.high),
        "dimension": str(preparation.dimension),
        "aggregation": str(preparation.aggregation),
        "offset": preparation.offset,
        "symmetric": preparation.symmetric,
        "kurtosis": str(preparation.kurtosis),
    }
    bins = preparation.histogram
    if bins is not None:
        choices["histogram"] = {
            "intervals": bins.intervals,
            "low": float(bins.low),
            "high": float(bins.high),
        }
    if preparation.resampling is not None:
        choices["resampling"] = _resampling_content(preparation.resampling)
    kept = preparation.resegmentation
    if kept is not None:
        choices["resegmentation"] = _stated(
            {
                "low": _real(kept.low),
                "high": _real(kept.high),
                "outlier_sigmas": _real(kept.outlier_sigmas),
            }
        )
    return _stated(choices)


def _resampling_content(resampling: Resampling) -> dict[str, Any]:
    return {
        "spacing_mm": [
            KEEP if spacing is None else float(spacing)
            for spacing in resampling.spacing_mm
        ],
        "interpolation": str(resampling.interpolation),
        "round_values": resampling.round_values,
        "mask_interpolation": str(resampling.mask_interpolation),
        "mask_threshold": float(resampling.mask_threshold),
    }


def _stated(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value is not None}


def _real(value: float | None) -> float | None:
    return None if value is None else float(value)
