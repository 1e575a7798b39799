"""The layout of a score model's file, and what makes one acceptable.

A model is one TOML file, ``<name>-<version>.toml``. Everything in it is explicit, and
every key is required unless its sense excludes it: `levels` goes with a fixed count of
levels, `histogram` with the kurtosis of bin probabilities. The table `domain`, what the
model was made for, may be left out, and each of its keys.

There are two layouts, which the key `schema` tells apart:

====== ===============================================================================
schema what it is
====== ===============================================================================
1      A model without provenance, as the shipped ones are. It is written to this day.
2      A model with the table `provenance`: what a site trained or calibrated.
====== ===============================================================================

Design choice: whether a file has a provenance decides on its layout, so that a model
has one text and one checksum. A model that a site made has a provenance from layout 2
on; files of layout 1 that say ``site`` or ``trained`` without one stay what they were.

The key `checksum` (see `config.checked_document`) guards against accidents, not against
an author who recomputes it.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from config.checked_document import (
    DocumentError,
    RefusedDocumentError,
    checksum_of,
    content_of,
    json_of,
    mistake_of,
)
from config.domain_table import DomainTable, domain_content
from config.preparation_table import (
    Number,
    PreparationTable,
    StrictTable,
    preparation_content,
    refuse,
)
from config.provenance_table import ProvenanceTable, provenance_content
from model.features.definitions import FEATURE_BY_NAME
from model.features.preparation import KurtosisKind
from model.score.score_model import Calibration, ScoreModel

SCHEMA = 2
"""The newest layout of these files that is understood."""

_PLAIN, _WITH_PROVENANCE = 1, 2

_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
_VERSION = r"^[0-9]+\.[0-9]+\.[0-9]+$"

_KURTOSIS_FEATURES: Mapping[KurtosisKind, frozenset[str]] = {
    KurtosisKind.MASKED_VALUES: frozenset({"histogram_Kurtosis", "direct_Kurtosis"}),
    KurtosisKind.BIN_PROBABILITIES: frozenset(
        {"histogram_KurtosisOfBinProbabilities", "direct_Kurtosis"}
    ),
}

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class ScoreModelError(RefusedDocumentError):
    """A score model cannot be used as it is written."""


class _Document(StrictTable):
    # No Literal: to one, 2.0 and true are numbers like any other.
    schema_: Annotated[int, Field(alias="schema", ge=_PLAIN, le=_WITH_PROVENANCE)]
    name: Annotated[str, Field(pattern=_NAME, max_length=64)]
    version: Annotated[str, Field(pattern=_VERSION, max_length=32)]
    title: Text
    outcome: Text
    reference: Text
    calibration: Calibration
    link: Literal["logistic"]
    intercept: Number
    cut_off: Number
    minimum_voxels: Annotated[int, Field(ge=1)]
    map_radius_mm: Annotated[Number, Field(gt=0, le=100)]
    coefficients: Annotated[dict[str, Number], Field(min_length=1)]
    preparation: PreparationTable
    domain: DomainTable = DomainTable()
    provenance: ProvenanceTable | None = None

    @model_validator(mode="after")
    def _name_features(self) -> Self:
        unknown = sorted(self.coefficients.keys() - FEATURE_BY_NAME.keys())
        kurtosis = self.preparation.kurtosis
        named = {name for name in self.coefficients if "Kurtosis" in name}
        other = sorted(named - _KURTOSIS_FEATURES[kurtosis] - set(unknown))
        wrong = [f"coefficients.{name}: not in the catalogue" for name in unknown]
        wrong += [f"coefficients.{name}: but kurtosis is {kurtosis}" for name in other]
        # The map of a model's texture is defined for next neighbours.
        if self.preparation.offset != 1:
            wrong.append("preparation.offset: must be 1 in a score model")
        refuse([*wrong, *self._wrong_provenance()])
        return self

    def _wrong_provenance(self) -> Iterable[str]:
        stated = self.provenance
        if (stated is not None) != (self.schema_ == _WITH_PROVENANCE):
            yield "provenance: goes with schema 2, only"
        if stated is None:
            return
        if self.calibration is Calibration.NONE:
            yield "provenance: goes with calibration site or trained"
        site = self.calibration is Calibration.SITE
        if site != (stated.recalibration is not None):
            yield "provenance.recalibration: goes with calibration site, only"


def kurtosis_features(kind: KurtosisKind) -> frozenset[str]:
    """Return the features of kurtosis that a score model of a kind may have."""
    return _KURTOSIS_FEATURES[kind]


def parse_score_model(text: str, source: str) -> ScoreModel:
    """Return the score model that a file's text describes.

    Parameters
    ----------
    text : str
    source : str
        What the messages call the file.

    Raises
    ------
    ScoreModelError
        When the text is malformed or altered, lacks keys or has unknown ones, or is of
        a newer layout. All mistakes are reported at once.
    """
    try:
        content = content_of(text, SCHEMA)
    except DocumentError as error:
        raise ScoreModelError(source, [error.fact], error.remedy) from error
    return _checked(content, source)


def format_score_model(model: ScoreModel, source: str) -> str:
    """Return the text of a score model's file, with its checksum.

    Parameters
    ----------
    model : ScoreModel
        Its `sha256` is not used; the checksum is computed.
    source : str
        What the messages call the file.

    Raises
    ------
    ScoreModelError
        When the model breaks a rule of these files.
    """
    content = _content(model)
    complete = {**content, "checksum": checksum_of(content)}
    _checked(complete, source)
    return _toml(complete)


def _checked(content: Mapping[str, Any], source: str) -> ScoreModel:
    """Return the model of a parsed file, or report every mistake in it."""
    body = {key: value for key, value in content.items() if key != "checksum"}
    checksum = checksum_of(body)
    mistakes = [] if content.get("checksum") == checksum else [_altered(content)]
    try:
        document = _Document.model_validate_json(json_of(body, sort_keys=False))
    except ValidationError as error:
        mistakes += [mistake_of(detail) for detail in error.errors()]
        raise _faulty(source, mistakes) from error
    if mistakes:
        raise _faulty(source, mistakes)
    return _model(document, checksum)


def _faulty(source: str, mistakes: list[str]) -> ScoreModelError:
    remedy = "Restore the file; a changed model needs a name or version of its own."
    return ScoreModelError(source, mistakes, remedy)


def _altered(content: Mapping[str, Any]) -> str:
    if "checksum" not in content:
        return "checksum: is missing"
    return "checksum: does not fit the content, which was altered"


def _model(document: _Document, checksum: str) -> ScoreModel:
    tables = {"preparation", "domain", "provenance"}
    fields = document.model_dump(exclude={"schema_", "link", *tables})
    made = document.provenance
    return ScoreModel(
        **fields,
        preparation=document.preparation.value(),
        domain=document.domain.value(),
        provenance=None if made is None else made.value(),
        sha256=checksum,
    )


def _content(model: ScoreModel) -> dict[str, Any]:
    """Return what a model's file says, without its checksum."""
    domain = domain_content(model.domain)
    made = model.provenance
    return {
        "schema": _PLAIN if made is None else _WITH_PROVENANCE,
        "name": model.name,
        "version": model.version,
        "title": model.title,
        "outcome": model.outcome,
        "reference": model.reference,
        "calibration": str(model.calibration),
        "link": "logistic",
        "intercept": float(model.intercept),
        "cut_off": float(model.cut_off),
        "minimum_voxels": model.minimum_voxels,
        "map_radius_mm": float(model.map_radius_mm),
        "coefficients": {k: float(v) for k, v in model.coefficients.items()},
        "preparation": preparation_content(model.preparation),
        **({"domain": domain} if domain else {}),
        **({} if made is None else {"provenance": provenance_content(made)}),
    }


def _toml(table: Mapping[str, Any], prefix: str = "") -> str:
    """Return strings, numbers, truth values, lists, tables and lists of tables."""
    text, tables = "", ""
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            tables += f"\n[{path}]\n{_toml(value, f'{path}.')}"
        elif _is_tables(value):
            for each in value:
                tables += f"\n[[{path}]]\n{_toml(each, f'{path}.')}"
        else:
            text += f"{key} = {_toml_value(value)}\n"
    return text + tables


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, Mapping) for each in value)


def _toml_value(value: Any) -> str:
    # The escapes of JSON are TOML's, which wants DEL escaped as well.
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.replace("\x7f", "\\u007f")
