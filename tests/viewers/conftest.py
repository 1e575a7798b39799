"""One scored study in one archive, for all viewers."""

from collections.abc import Iterator

import pytest

from tests.support.archived import Archived, archived


@pytest.fixture(scope="session")
def result(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archived]:
    """Return a study and its result that an archive has."""
    with archived(tmp_path_factory.mktemp("archive")) as sent:
        yield sent
