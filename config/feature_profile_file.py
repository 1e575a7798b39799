"""The layout of a feature profile's file, and what makes one acceptable.

A profile is one TOML file: `schema`, `name`, `title`, and either the table
`preparation`, for the catalogue's features by IBEX's definitions, or the table `ibsi`,
for the families of the Image Biomarker Standardisation Initiative. `docs/profiles.md`
explains every key.

Design choice: the checksum may be missing, as people write profiles by hand. It is
computed either way and goes into results; where the file states one, it must fit.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationError, model_validator

from config.checked_document import (
    DocumentError,
    RefusedDocumentError,
    checksum_of,
    content_of,
    json_of,
    mistake_of,
)
from config.preparation_table import (
    LevelCount,
    Number,
    Positive,
    PreparationTable,
    ResamplingTable,
    ResegmentationTable,
    StrictTable,
    refuse,
)
from model.features.definitions import FEATURE_BY_NAME
from model.features.ibsi.configuration import (
    Family,
    IbsiAggregation,
    IbsiConfiguration,
)
from model.features.preparation import Discretisation
from model.features.profile import FeatureProfile

SCHEMA = 1
"""The newest layout of these files that is understood."""

ALL = "all"
"""In place of a list of features: every one that the preparation defines."""

_OF_HISTOGRAM = "histogram_KurtosisOfBinProbabilities"
_TEXTURES = {Family.COOCCURRENCE, Family.RUN_LENGTH}

Item = TypeVar("Item")
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
IbsiDiscretisation = Literal[
    Discretisation.NONE,
    Discretisation.IBSI_FIXED_BIN_NUMBER,
    Discretisation.IBSI_FIXED_BIN_SIZE,
]


class FeatureProfileError(RefusedDocumentError):
    """A feature profile cannot be used as it is written."""


def _features(wanted: Any) -> Any:
    names = wanted if isinstance(wanted, list) else []
    texts = bool(names) and all(isinstance(name, str) for name in names)
    if wanted != ALL and not texts:
        refuse([f'must be "{ALL}" or a list of names of the catalogue'])
    return wanted


def _each_once(items: list[Item]) -> list[Item]:
    twice = sorted({str(item) for item in items if items.count(item) > 1})
    refuse([f"{', '.join(twice)} more than once"] if twice else [])
    return items


class _Ibsi(StrictTable):
    """The table `ibsi`; `IbsiConfiguration` says what its keys mean."""

    discretisation: IbsiDiscretisation
    bins: LevelCount | None = None
    bin_size: Positive | None = None
    lowest: Number | None = None
    families: Annotated[list[Family], Field(min_length=1), AfterValidator(_each_once)]
    aggregations: Annotated[
        list[IbsiAggregation], AfterValidator(_each_once), Field(default_factory=list)
    ]
    ivh_discretisation: IbsiDiscretisation = Discretisation.NONE
    ivh_bins: LevelCount | None = None
    ivh_bin_size: Positive | None = None
    resampling: ResamplingTable | None = None
    resegmentation: ResegmentationTable | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        sized = self.discretisation is Discretisation.IBSI_FIXED_BIN_SIZE
        textures = bool(_TEXTURES & set(self.families))
        wrong = [
            *_wrong_bins("", self.discretisation, self.bins, self.bin_size),
            *_wrong_bins(
                "ivh_", self.ivh_discretisation, self.ivh_bins, self.ivh_bin_size
            ),
        ]
        if self.lowest is not None and not sized:
            wrong.append("lowest goes with discretisation ibsi_fixed_bin_size, only")
        if textures != bool(self.aggregations):
            wrong.append("aggregations goes with the families cm and rlm, only")
        if "ivh_discretisation" in self.model_fields_set and (
            Family.INTENSITY_VOLUME_HISTOGRAM not in self.families
        ):
            wrong.append("ivh_discretisation goes with the family ivh, only")
        refuse(wrong)
        return self

    def value(self) -> IbsiConfiguration:
        """Return what the table says."""
        inner = {"resampling", "resegmentation", "families", "aggregations"}
        resampling, kept = self.resampling, self.resegmentation
        return IbsiConfiguration(
            **self.model_dump(exclude=inner),
            resampling=None if resampling is None else resampling.value(),
            resegmentation=None if kept is None else kept.value(),
            families=tuple(self.families),
            aggregations=tuple(self.aggregations),
        )


def _wrong_bins(
    prefix: str, discretisation: Discretisation, bins: object, bin_size: object
) -> Iterable[str]:
    numbered = discretisation is Discretisation.IBSI_FIXED_BIN_NUMBER
    sized = discretisation is Discretisation.IBSI_FIXED_BIN_SIZE
    kind = f"{prefix}discretisation"
    if numbered != (bins is not None):
        yield f"{prefix}bins goes with {kind} ibsi_fixed_bin_number, only"
    if sized != (bin_size is not None):
        yield f"{prefix}bin_size goes with {kind} ibsi_fixed_bin_size, only"


class _Document(StrictTable):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Name
    title: Text
    features: Annotated[Any, AfterValidator(_features)] = None
    preparation: PreparationTable | None = None
    ibsi: _Ibsi | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        wrong = []
        if (self.preparation is None) == (self.ibsi is None):
            wrong.append("give one of the tables preparation and ibsi")
        if self.features is not None and self.preparation is None:
            wrong.append("features goes with preparation, only; ibsi names families")
        if isinstance(self.features, list):
            wrong += self._wrong_features(self.features)
        refuse(wrong)
        return self

    def _wrong_features(self, names: list[str]) -> Iterable[str]:
        unknown = sorted(set(names) - FEATURE_BY_NAME.keys())
        binned = self.preparation is not None and self.preparation.histogram is not None
        for name in unknown:
            yield f"features: {name} is not in the catalogue"
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"features: {name} more than once"
        if _OF_HISTOGRAM in names and not binned:
            yield f"features: {_OF_HISTOGRAM} needs preparation.histogram"

    def value(self, sha256: str) -> FeatureProfile:
        """Return what the document says."""
        if self.ibsi is not None:
            configuration = self.ibsi.value()
            return FeatureProfile(self.name, self.title, configuration, None, sha256)
        if self.preparation is None:
            raise AssertionError  # the validator has refused it
        preparation = self.preparation.value()
        features = self.features
        if features == ALL:
            binned = preparation.histogram is not None
            features = [n for n in FEATURE_BY_NAME if binned or n != _OF_HISTOGRAM]
        chosen = None if features is None else tuple(features)
        return FeatureProfile(self.name, self.title, preparation, chosen, sha256)


def parse_feature_profile(text: str, source: str) -> FeatureProfile:
    """Return the feature profile that a file's text describes.

    Parameters
    ----------
    text : str
    source : str
        What the messages call the file.

    Raises
    ------
    FeatureProfileError
        When the text is malformed or altered, lacks keys or has unknown ones, or is of
        a newer layout. All mistakes are reported at once.
    """
    try:
        content = content_of(text, SCHEMA)
    except DocumentError as error:
        raise FeatureProfileError(source, [error.fact], error.remedy) from error
    return _checked(content, source)


def _checked(content: Mapping[str, Any], source: str) -> FeatureProfile:
    """Return the profile of a parsed file, or report every mistake in it."""
    checksum = checksum_of(content)
    mistakes = []
    if content.get("checksum", checksum) != checksum:
        mistakes.append("checksum: does not fit the content; leave it out")
    body = {key: value for key, value in content.items() if key != "checksum"}
    try:
        document = _Document.model_validate_json(json_of(body, sort_keys=False))
    except ValidationError as error:
        mistakes += [mistake_of(detail) for detail in error.errors()]
        raise _faulty(source, mistakes) from error
    if mistakes:
        raise _faulty(source, mistakes)
    return document.value(checksum)


def _faulty(source: str, mistakes: list[str]) -> FeatureProfileError:
    return FeatureProfileError(
        source, mistakes, "docs/profiles.md explains every key; correct the file."
    )
