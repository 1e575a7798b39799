"""The service that the promises of this folder share.

What is promised of a start, a restart, another configuration or an archive that is
away starts services of its own.
"""

from collections.abc import Iterator

import pytest

from tests.support.shared_service import ServedStudy, SharedService, shared_service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedService]:
    """Return one service that runs, for all promises of this process."""
    with shared_service(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def study(service: SharedService) -> ServedStudy:
    """Return a study that the service has not met."""
    return service.new_study()
