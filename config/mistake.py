"""What is wrong with a configuration, in words that someone can act on."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.anatomy import (
    Place,
    field_at,
    is_list,
    mark_of,
    mark_of_entries,
    table_at,
    table_of,
)
from config.refusal import RefusalError
from config.table import keys_of
from config.values import Wanted

_SHOWN = 60
"""Characters of a refused value that a message repeats."""

_FACTS = {
    "extra_forbidden": "is not a setting",
    "missing": "is missing",
    "too_short": "has too few entries",
    "tuple_type": "is not a list",
}
_SPEAKS_FOR_ITSELF = {
    "unknown_species",
    "unknown_source",
    "same_name",
    "not_made",
    "not_enough",
    "key_pair",
    "no_certificate",
    "no_authority",
}
_REMEDIES = {
    "unknown_species": "Choose one of these, or describe it in [species.NAME].",
    "same_name": "Give each a name of its own.",
    "unknown_source": 'Name a destination that has protocol = "dimse".',
    "not_made": "Add that to results.objects, or leave it out of the destination's.",
    "not_enough": "Add that, or leave the other out.",
    "key_pair": "Name both files, or neither.",
    "no_certificate": "Name the node's certificate and its key.",
    "no_authority": "Name the certificates of those who sign your peers'.",
    "delays": "Raise it, or lower retry.first_delay_s.",
}


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong.

    Attributes
    ----------
    source : str
        The file, or ``environment variable NAME``.
    key : str
        Path of the key, for example ``destinations[0].port``; empty for a whole file.
    fact : str
        What is wrong, completing the sentence that the key begins.
    remedy : str
        What to do, as a sentence.
    """

    source: str
    key: str
    fact: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.source}: {self.key}" if self.key else self.source
        return f"{where} {self.fact}. {self.remedy}"


class ConfigError(RefusalError):
    """The configuration cannot be used.

    Attributes
    ----------
    mistakes : tuple of Mistake
        All that were found, at least one.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


def mistakes_of(
    error: ValidationError, source: str, variables: Mapping[tuple[str, ...], str]
) -> list[Mistake]:
    """Return the mistakes that a validation found.

    Parameters
    ----------
    error : ValidationError
        Of `Settings`.
    source : str
        What messages call the file.
    variables : mapping
        Environment variable by (table, key) that it set.
    """
    found = []
    details = error.errors(include_url=False)
    # A list whose entries were refused is also said to be too short.
    parents = {detail["loc"][:-1] for detail in details}
    for detail in details:
        if detail["type"] == "too_short" and detail["loc"] in parents:
            continue
        place = _place(detail)
        name = variables.get(tuple(str(step) for step in place[:2]))
        where = source if name is None else f"environment variable {name}"
        found.append(Mistake(where, _path(place), _fact(detail), _remedy(detail)))
    return found


def _place(detail: ErrorDetails) -> Place:
    if detail["type"] == "unknown_species":
        return ("suv", "species")
    if detail["type"] == "not_made":
        return ("results", "objects")
    return detail["loc"]


def _path(place: Place) -> str:
    path = ""
    for step in place:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step != "[key]":
            path += f".{step}" if path else step
    return path


def _fact(detail: ErrorDetails) -> str:
    own = _FACTS.get(detail["type"])
    if own is not None:
        return own
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    if detail["type"] in _SPEAKS_FOR_ITSELF:
        return message
    if isinstance(detail["input"], dict | list | tuple):
        return f"is not right: {message}"
    return f"= {_shown(detail['input'])} is not right: {message}"


def _remedy(detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return _nearest(detail["loc"])
    return _REMEDIES.get(detail["type"]) or _wanted(detail["loc"])


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _nearest(place: Place) -> str:
    table = table_at(place[:-1])
    known = sorted(keys_of(table)) if table else []
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    if near:
        return f"Did you mean {_path((*place[:-1], near[0]))}?"
    return f"Remove it; known here are {', '.join(known)}."


def _wanted(place: Place) -> str:
    """Return what a field takes, as a sentence."""
    field = field_at(place)
    table = None if field is None else table_of(field)
    if field is None:
        return "See docs/configuration.md."
    if table is not None:
        return f"Write a table with the keys {', '.join(keys_of(table))}."
    own, entry = mark_of(field, Wanted), mark_of_entries(field, Wanted)
    what = (own or entry or Wanted("a value")).what
    if own is None and is_list(field) and not isinstance(place[-1], int):
        what = f"a list in [brackets], each entry {what}"
    return f"Write {what}."
