"""Options of a command as people type them, for the settings in its report."""

from collections.abc import Mapping
from typing import Any

_TYPED = {"columns": "column", "grouping": "groups"}
"""Where the option is called otherwise than what it becomes."""


def as_typed(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options by the names that are typed.

    Parameters
    ----------
    options : mapping of str to Any
        By the names of the values: ``cut_off`` is typed ``--cut-off``.
    """
    return {
        f"--{_TYPED.get(name, name).replace('_', '-')}": value
        for name, value in options.items()
    }
