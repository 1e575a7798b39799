"""Promises of the service about its start and about what a crash leaves.

One crash is shared: of two studies the first was scored and could not be delivered, the
second was acknowledged and nothing more, when the node was killed.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from config.results import SENT
from node.association.archive import Archive
from node.records.kinds import SOP_CLASSES, ResultKind
from tests.support.service import (
    command_apart,
    free_port,
    running,
    wait_for_echo,
    write_config,
)
from tests.support.shared_service import ServedStudy, SharedService

pytestmark = pytest.mark.system

SILENCE_S = 1.5
"""Long enough for a second report to come, if there were one."""


@dataclass(frozen=True)
class Restarted:
    """Two studies after the node was killed, restarted and met its archive.

    Attributes
    ----------
    scored : ServedStudy
        It was scored before the kill.
    acknowledged : ServedStudy
        All of it was acknowledged right before the kill.
    told : dict
        Of the latter, once it was delivered.
    """

    scored: ServedStudy
    acknowledged: ServedStudy
    told: Any


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restarted]:
    folder = tmp_path_factory.mktemp("restarted")
    port, archive_port = free_port(), free_port()
    config = write_config(folder, port, archive_port=archive_port)
    archive = Archive(folder / "archive", "ARCHIVE", port=archive_port)
    service = SharedService(folder / "sent", config, port, archive, None, count())
    scored, acknowledged = service.new_study(), service.new_study()
    with running(config, port) as process:
        # Nothing can be delivered, nobody listens there.
        scored.store(scored.write_small())
        scored.wait_for("scored")
        acknowledged.store(acknowledged.write_small())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with running(config, port) as process:
        wait_for_echo(process, port)
        with archive:
            scored.wait_for("delivered")
            yield Restarted(scored, acknowledged, acknowledged.wait_for("delivered"))


def test_a_node_that_is_killed_finishes_after_its_restart_with_one_report(
    restarted: Restarted,
) -> None:
    time.sleep(SILENCE_S)

    restarted.acknowledged.reports(1)
    assert len(restarted.told["jobs"]) == 1


def test_a_result_whose_archive_is_away_is_delivered_when_it_is_back(
    restarted: Restarted,
) -> None:
    kinds = {arrival.sop_class_uid for arrival in restarted.scored.arrivals()}

    assert kinds == {SOP_CLASSES[ResultKind(kind)] for kind in SENT}


def test_a_port_that_is_taken_ends_the_service_with_words(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive", "ARCHIVE") as archive:
        config = write_config(tmp_path, archive.port, archive_port=free_port())
        code, _, err = command_apart("run", "--config", str(config))

    assert code == 2
    assert str(archive.port) in err
