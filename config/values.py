"""Kinds of configured values: what is accepted, in which unit.

Each is an annotated type, so that a field says by its type what it takes. `Unit` is
shown in the reference; `Wanted` completes the sentence "Write ..." of a remedy.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, Strict, ValidationInfo
from pydantic_core import PydanticCustomError


@dataclass(frozen=True)
class Unit:
    """The unit, or the kind, of a value."""

    name: str


@dataclass(frozen=True)
class Wanted:
    """What to write instead of a value that was refused."""

    what: str


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise PydanticCustomError(
            "time_zone", "not a time zone that this machine knows"
        ) from None
    return value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _path(value: Any, info: ValidationInfo) -> Any:
    """Return a path, relative ones below the folder that the context names."""
    if isinstance(value, str) and value.strip() and "\0" not in value:
        value = Path(value).expanduser()
    if not isinstance(value, Path):
        raise PydanticCustomError("path", "not a path")
    folder: Path | None = (info.context or {}).get("folder")
    return value if folder is None else folder / value


def _interval(value: tuple[float, float]) -> tuple[float, float]:
    if not 0 < value[0] < value[1]:
        raise PydanticCustomError(
            "interval", "the first must be positive and below the second"
        )
    return value


def _span(value: tuple[float, float]) -> tuple[float, float]:
    if not value[0] < value[1]:
        raise PydanticCustomError("interval", "the first must be below the second")
    return value


def once_each(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return the entries of a list if none stands there twice."""
    if len(set(value)) < len(value):
        code, fact = "once_each", "an entry stands there twice"
        raise PydanticCustomError(code, fact)
    return value


def _animal_pattern(value: str) -> str:
    try:
        groups = re.compile(value).groupindex
    except re.error:
        raise PydanticCustomError("regex", "not a regular expression") from None
    if value and "animal" not in groups:
        raise PydanticCustomError("regex", "no group is called animal")
    return value


Text = Annotated[str, Strict(), Unit("text"), Wanted("text in quotes")]

Count = Annotated[
    int,
    Strict(),
    Field(ge=1, le=1000),
    Unit("count"),
    Wanted("a whole number from 1 to 1000"),
]

SeriesNumber = Annotated[
    int,
    Strict(),
    Field(ge=1, le=2_000_000_000),
    Unit("series number"),
    Wanted("a whole number from 1 to 2000000000"),
]

Bytes = Annotated[
    int,
    Strict(),
    Field(ge=4096, le=1_048_576),
    Unit("bytes"),
    Wanted("a whole number from 4096 to 1048576"),
]

Seconds = Annotated[
    float,
    Strict(),
    Field(gt=0, le=86400, allow_inf_nan=False),
    Unit("s"),
    Wanted("a number of seconds above 0, up to 86400"),
]

Silence = Annotated[
    float,
    Strict(),
    Field(ge=0, le=86400, allow_inf_nan=False),
    Unit("s"),
    Wanted("a number of seconds from 0 to 86400"),
]

Factor = Annotated[
    float,
    Strict(),
    Field(ge=1, le=10, allow_inf_nan=False),
    Unit("factor"),
    Wanted("a number from 1 to 10"),
]

YesOrNo = Annotated[bool, Strict(), Unit("yes or no"), Wanted("true or false")]

Positive = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False)]

NotNegative = Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False)]

Grams = Annotated[
    tuple[Positive, Positive],
    AfterValidator(_interval),
    Unit("g"),
    Wanted("the least and the greatest in grams, for example [10, 60]"),
]

Megabecquerels = Annotated[
    tuple[Positive, Positive],
    AfterValidator(_interval),
    Unit("MBq"),
    Wanted("the least and the greatest in megabecquerel, for example [0.5, 40]"),
]

HalfLives = Annotated[
    tuple[NotNegative, Positive],
    AfterValidator(_span),
    Unit("half-lives"),
    Wanted("the least and the greatest number of half-lives, for example [0, 5]"),
]

Minutes = Annotated[
    tuple[NotNegative, Positive],
    AfterValidator(_span),
    Unit("min"),
    Wanted("the first and the last minute, for example [45, 75]"),
]

Fraction = Annotated[
    float,
    Strict(),
    Field(ge=0, le=1, allow_inf_nan=False),
    Unit("fraction"),
    Wanted("a number from 0 to 1, for example 0.05"),
]

Percent = Annotated[
    float,
    Strict(),
    Field(gt=0, lt=100, allow_inf_nan=False),
    Unit("%"),
    Wanted("a number between 0 and 100"),
]

Millimetres = Annotated[
    float,
    Strict(),
    Field(gt=0, le=1000, allow_inf_nan=False),
    Unit("mm"),
    Wanted("a number of millimetres above 0, up to 1000"),
]

Folder = Annotated[
    Path,
    BeforeValidator(_path),
    Unit("path"),
    Wanted("a path in quotes; a relative one starts at the configuration's folder"),
]

TimeZone = Annotated[
    str,
    Strict(),
    AfterValidator(_time_zone),
    Unit("IANA name"),
    Wanted('a name of the IANA time zone list in quotes, for example "Europe/Zurich"'),
]

# 128 bits of a digest are up to 39 digits, and a UID has at most 64 characters.
UidRoot = Annotated[
    str,
    Strict(),
    Field(max_length=24, pattern=r"^[0-2](\.(0|[1-9][0-9]*))+$"),
    Unit("UID prefix"),
    Wanted("up to 24 characters of digits and dots in quotes, without a last dot"),
]

Name = Annotated[
    str,
    Strict(),
    Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
    Unit("name"),
    Wanted("letters, digits, dots, dashes and underscores in quotes"),
]

OptionalName = Annotated[
    str,
    Strict(),
    Field(max_length=64, pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*)?$"),
    Unit("name"),
    Wanted("letters, digits, dots, dashes and underscores in quotes, or nothing"),
]

Pattern = Annotated[
    str,
    Strict(),
    Field(min_length=1, max_length=256),
    Unit("pattern"),
    Wanted("text in quotes, in which * stands for anything and ? for a character"),
]

AnimalPattern = Annotated[
    str,
    Strict(),
    Field(max_length=256),
    AfterValidator(_animal_pattern),
    Unit("regular expression"),
    Wanted("a regular expression with a group (?P<animal>...), in single quotes"),
]

OptionalCount = Annotated[
    int,
    Strict(),
    Field(ge=0, le=1_000_000),
    Unit("count"),
    Wanted("a whole number from 0 to 1000000"),
]

LargeCount = Annotated[
    int,
    Strict(),
    Field(ge=1, le=1_000_000_000),
    Unit("count"),
    Wanted("a whole number from 1 to 1000000000"),
]

Megabytes = Annotated[
    int,
    Strict(),
    Field(ge=1, le=1_048_576),
    Unit("MB"),
    Wanted("a whole number of megabytes from 1 to 1048576"),
]

Days = Annotated[
    int,
    Strict(),
    Field(ge=0, le=36_500),
    Unit("days"),
    Wanted("a whole number of days from 0 to 36500"),
]

LowerCase = BeforeValidator(_lower)
"""Accepts any case; the value is lower case."""
