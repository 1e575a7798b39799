"""How a score model's file says what the model was made from, and how well it does.

What is not known is left out: there is no NaN in these files, and no empty text. So an
absent `seed` is a fit that drew nothing at random, and an absent `value` is a quantity
that could not be assessed, whose `note` says why.

Design choice: what contradicts itself is refused, as much as what is malformed. A fit
to labels of one class, or to more animals than observations, is none that this
software makes.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from config.preparation_table import Number, Positive, StrictTable, refuse
from model.learning.readout import Readout
from model.score.provenance import (
    DataFile,
    Performance,
    Provenance,
    Recalibration,
)

_Text = Annotated[str, Field(min_length=1, max_length=2000)]
_Line = Annotated[str, Field(min_length=1, max_length=200)]
_Count = Annotated[int, Field(ge=1)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# A file's own name: an absolute path could name a person's folder, and tells nothing.
_FileName = Annotated[str, Field(pattern=r"^[^/\\]+$", max_length=255)]


class _DataFile(StrictTable):
    role: Literal[
        "features",
        "flow",
        "fractions",
        "design",
        "ledger",
        "earlier_features",
        "earlier_ledger",
    ]
    name: _FileName
    sha256: _Sha256


class _Performance(StrictTable):
    quantity: _Line
    setting: _Line
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    note: Annotated[str, Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        wrong = []
        if (self.low is None) != (self.high is None):
            wrong.append("low and high go together")
        if self.value is None and not self.note:
            wrong.append("without a value, note must say why")
        if self.value is None and self.low is not None:
            wrong.append("low and high go with a value, only")
        if self.low is not None and self.high is not None and self.low > self.high:
            wrong.append("low must not exceed high")
        refuse(wrong)
        return self


class _Recalibration(StrictTable):
    model: Annotated[str, Field(min_length=1, max_length=64)]
    version: Annotated[str, Field(min_length=1, max_length=32)]
    sha256: _Sha256
    intercept: Number
    # A slope of zero or less would turn the ranking around, which no calibration may.
    slope: Positive


class ProvenanceTable(StrictTable):
    """The table `provenance`; `Provenance` says what its keys mean."""

    made_by: _Line
    method: _Text
    seed: Annotated[int, Field(ge=0)] | None = None
    animals: _Count
    observations: _Count
    events: _Count
    label_readout: Readout
    label_cut_off: Number
    remarks: Annotated[tuple[_Text, ...], Field(max_length=64)] = ()
    recalibration: _Recalibration | None = None
    data: Annotated[tuple[_DataFile, ...], Field(min_length=1, max_length=64)]
    performance: Annotated[tuple[_Performance, ...], Field(max_length=500)] = ()

    @model_validator(mode="after")
    def _agree(self) -> Self:
        wrong = []
        if self.animals > self.observations:
            wrong.append("animals must not exceed observations")
        if self.events >= self.observations:
            wrong.append("events must be fewer than observations")
        refuse(wrong)
        return self

    def value(self) -> Provenance:
        """Return what the table says."""
        again = self.recalibration
        inner = {"data", "performance", "recalibration", "label_readout"}
        return Provenance(
            **self.model_dump(exclude=inner),
            label_readout=str(self.label_readout),
            data=tuple(DataFile(**each.model_dump()) for each in self.data),
            performance=tuple(
                Performance(**each.model_dump()) for each in self.performance
            ),
            recalibration=None if again is None else Recalibration(**dict(again)),
        )


def provenance_content(provenance: Provenance) -> dict[str, Any]:
    """Return a provenance as the content of its table; what is None is left out."""
    again = provenance.recalibration
    return _stated(
        {
            "made_by": provenance.made_by,
            "method": provenance.method,
            "seed": None if provenance.seed is None else int(provenance.seed),
            "animals": int(provenance.animals),
            "observations": int(provenance.observations),
            "events": int(provenance.events),
            "label_readout": str(provenance.label_readout),
            "label_cut_off": float(provenance.label_cut_off),
            "remarks": list(provenance.remarks),
            "recalibration": None if again is None else _recalibration(again),
            "data": [asdict(each) for each in provenance.data],
            "performance": [_performance(each) for each in provenance.performance],
        }
    )


def _recalibration(made: Recalibration) -> dict[str, Any]:
    numbers = {"intercept": float(made.intercept), "slope": float(made.slope)}
    return {**asdict(made), **numbers}


def _performance(found: Performance) -> dict[str, Any]:
    numbers = {"value": found.value, "low": found.low, "high": found.high}
    return _stated(
        {
            "quantity": found.quantity,
            "setting": found.setting,
            **{key: None if n is None else float(n) for key, n in numbers.items()},
            "note": found.note,
        }
    )


def _stated(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if value not in (None, "", [])}
