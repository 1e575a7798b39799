"""Where the third-party reference data lies, beside the checkout."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

Test = TypeVar("Test", bound=Callable[..., Any])


SHARED_DATA_MARKS = (
    pytest.mark.shared_data,
    pytest.mark.skipif(
        not SHARED_DATA.is_dir(), reason="../shared/data is not beside the checkout"
    ),
)
"""Of a parameter that reads ``../shared/data``."""


def needs_shared_data(test: Test) -> Test:
    """Mark a test that reads ``../shared/data``; skip it, with a reason, without it."""
    marked = test
    for mark in SHARED_DATA_MARKS:
        marked = mark(marked)
    return marked
