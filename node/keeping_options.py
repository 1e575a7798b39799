"""From settings to how the data folder is gone through; part of composition."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from config.schema import Settings
from node.case_options import case_options
from node.keeping.rounds import AuditOptions


def audit_options(settings: Settings, *, repair: bool, quick: bool) -> AuditOptions:
    """Return what reconciliation goes through, and how."""
    return AuditOptions(
        root=settings.node.data_folder.absolute(),
        destinations=frozenset(each.name for each in settings.destinations),
        case=case_options(settings),
        attempts=settings.compute.attempts,
        others=frozenset(path.absolute() for path in _paths_in(settings)),
        repair=repair,
        quick=quick,
    )


def _paths_in(table: BaseModel) -> Iterator[Path]:
    """Give every path that a configuration names, but for the data folder."""
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Path) and name != "data_folder":
            yield value
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, BaseModel):
                yield from _paths_in(inner)
