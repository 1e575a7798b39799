"""What the fields of the schema are made of, for messages and the reference."""

from collections.abc import Iterator
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.schema import Settings
from config.table import keys_of
from config.values import Unit, Wanted

Mark = TypeVar("Mark", Unit, Wanted)
Place = tuple[int | str, ...]
"""Keys and list indices from the top of the document to a value."""


def field_at(place: Place) -> FieldInfo | None:
    """Return the field of the last key in a path that is a field."""
    table: type[BaseModel] | None = Settings
    found: FieldInfo | None = None
    for step in place:
        if isinstance(step, str) and table and step in keys_of(table):
            found = keys_of(table)[step]
            table = table_of(found)
    return found


def table_at(place: Place) -> type[BaseModel] | None:
    """Return the table that a path names."""
    if not place:
        return Settings
    field = field_at(place)
    return None if field is None else table_of(field)


def table_of(field: FieldInfo) -> type[BaseModel] | None:
    """Return the table that a field is, or is a list or mapping of."""
    return next(_tables_in(field.annotation), None)


def mark_of(field: FieldInfo, kind: type[Mark]) -> Mark | None:
    """Return a mark of the field itself."""
    return next((mark for mark in field.metadata if isinstance(mark, kind)), None)


def mark_of_entries(field: FieldInfo, kind: type[Mark]) -> Mark | None:
    """Return a mark of the entries of a list or the choices of a union."""
    marks = _marks_in(field.annotation)
    return next((mark for mark in marks if isinstance(mark, kind)), None)


def is_list(field: FieldInfo) -> bool:
    """Return whether a field takes a list of any length."""
    arguments = get_args(field.annotation)
    return get_origin(field.annotation) is tuple and arguments[-1] is Ellipsis


def _tables_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _tables_in(part)


def _marks_in(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from _marks_in(part)
