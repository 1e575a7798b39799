"""From settings to how the data folder is gone through; part of composition."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from config.schema import Settings
from node.keeping.retention import DeletedStudy, RetentionOptions
from node.keeping.rounds import AuditOptions
from node.options.case import (
    case_options,
)


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


def retention_options(
    settings: Settings, deleted: Callable[[DeletedStudy], None]
) -> RetentionOptions:
    """Return when files are deleted, and who is told.

    Those that `node.keeping.retention.Retention` asks are the destinations whose
    `confirm` is not "no".
    """
    days = settings.retention.delete_after_days
    return RetentionOptions(timedelta(days=days) if days else None, deleted)
