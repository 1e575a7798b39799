"""How a score model's file says what the model was made for.

Every key of the table is optional, and so is the table: what is not stated is not
checked.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.preparation_table import Number, StrictTable
from model.features.definitions import FEATURE_BY_NAME
from model.score.domain import Domain


def _ascending(span: tuple[float, float]) -> tuple[float, float]:
    if not span[0] <= span[1]:
        raise ValueError("the first must not exceed the second")  # noqa: TRY003 - for pydantic
    return span


_Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
_Names = Annotated[tuple[_Name, ...], Field(max_length=32)]
_Positive = Annotated[Number, Field(gt=0)]
_Span = Annotated[tuple[Number, Number], AfterValidator(_ascending)]
_Minutes = Annotated[
    tuple[Annotated[Number, Field(ge=0)], Annotated[Number, Field(ge=0)]],
    AfterValidator(_ascending),
]
_Lengths = Annotated[tuple[_Positive, _Positive], AfterValidator(_ascending)]


class DomainTable(StrictTable):
    """The table `domain`; `Domain` says what its keys mean."""

    tracers: _Names = ()
    species: _Names = ()
    routes: _Names = ()
    uptake_min: _Minutes | None = None
    units: Literal["", "g/ml{SUVbw}"] = ""
    voxel_mm: _Lengths | None = None
    minimum_diameter_mm: _Positive | None = None
    features: dict[str, _Span] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _name_features(self) -> Self:
        unknown = sorted(self.features.keys() - FEATURE_BY_NAME.keys())
        if unknown:
            raise ValueError(f"features: not in the catalogue: {', '.join(unknown)}")  # noqa: TRY003 - for pydantic
        return self

    def value(self) -> Domain:
        """Return what the table says."""
        return Domain(**self.model_dump())


def domain_content(domain: Domain) -> dict[str, Any]:
    """Return a domain as the content of its table; what is not stated is left out."""
    choices: dict[str, Any] = {
        "tracers": list(domain.tracers),
        "species": list(domain.species),
        "routes": list(domain.routes),
        "uptake_min": _numbers(domain.uptake_min),
        "units": domain.units,
        "voxel_mm": _numbers(domain.voxel_mm),
        "minimum_diameter_mm": (
            None
            if domain.minimum_diameter_mm is None
            else float(domain.minimum_diameter_mm)
        ),
        "features": _ranges(domain.features),
    }
    return {key: value for key, value in choices.items() if value not in (None, "", [])}


def _numbers(span: tuple[float, float] | None) -> list[float] | None:
    return None if span is None else [float(each) for each in span]


def _ranges(features: Mapping[str, tuple[float, float]]) -> dict[str, Any] | None:
    return {name: _numbers(span) for name, span in features.items()} or None
