"""A folder of tables for each promise."""

from pathlib import Path

import pytest

from tests.support.tables import Tables


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path)
