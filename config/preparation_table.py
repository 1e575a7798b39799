"""How files say what lies between an image and its features.

Score models and feature profiles share this table. Every key is required unless its
sense excludes it: `levels` goes with a fixed count of levels, `histogram` with the
kurtosis of bin probabilities.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from model.features.preparation import (
    Aggregation,
    Dimension,
    Discretisation,
    HistogramBins,
    KurtosisKind,
    Limits,
    Preparation,
)

Number = Annotated[float, Field(allow_inf_nan=False)]


class StrictTable(BaseModel):
    """A table whose keys are all known and of exactly their types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Histogram(StrictTable):
    intervals: Annotated[int, Field(ge=2, le=100_000)]
    low: Number
    high: Number

    @model_validator(mode="after")
    def _ascend(self) -> Self:
        if not self.low < self.high:
            raise ValueError("low must lie below high")  # noqa: TRY003 - for pydantic
        return self


class PreparationTable(StrictTable):
    """The table `preparation`; `Preparation` says what its keys mean."""

    discretisation: Discretisation
    levels: Annotated[int, Field(ge=2, le=1024)] | None = None
    limits: Limits
    dimension: Dimension
    aggregation: Aggregation
    offset: Literal[1]
    symmetric: bool
    kurtosis: KurtosisKind
    histogram: _Histogram | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        counted = self.discretisation is Discretisation.IBEX_FIXED_COUNT
        binned = self.kurtosis is KurtosisKind.BIN_PROBABILITIES
        wrong = []
        if counted != (self.levels is not None):
            wrong.append("levels goes with discretisation ibex_fixed_count, only")
        if binned != (self.histogram is not None):
            wrong.append("histogram goes with kurtosis bin_probabilities, only")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def value(self) -> Preparation:
        """Return what the table says."""
        bins = self.histogram
        return Preparation(
            **self.model_dump(exclude={"histogram"}),
            histogram=None if bins is None else HistogramBins(**bins.model_dump()),
        )


def preparation_content(preparation: Preparation) -> dict[str, Any]:
    """Return a preparation as the content of its table; what is None is left out."""
    choices: dict[str, Any] = {
        "discretisation": str(preparation.discretisation),
        "levels": preparation.levels,
        "limits": str(preparation.limits),
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
    return {key: value for key, value in choices.items() if value is not None}
