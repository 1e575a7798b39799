"""The promise that a kill loses nothing and doubles nothing, wherever it comes.

And that the matrix would say so if it did. All of it runs where `REQUIRE_TOOLS` says
that every tool is there; ``make crash`` runs it anywhere, and later passings too.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.fault_points import FaultPoint
from tests.support.kept import Faults, Kept
from tests.support.pet import STUDY_UID
from tests.support.studies import uid_in
from tests.support.tools import require_tool
from tests.system.crash.forked import forked_node
from tests.system.crash.matrix import Cell, Material, judge, material

pytestmark = pytest.mark.system

_NOT_PASSED_YET: frozenset[FaultPoint] = frozenset()
"""Named for work that is not built yet."""

_LONGEST_S = 600


@pytest.mark.long
@pytest.mark.timeout(_LONGEST_S)
def test_a_kill_at_any_fault_point_loses_nothing_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    if os.environ.get("REQUIRE_TOOLS") != "1":
        pytest.skip("make crash runs the matrix, and REQUIRE_TOOLS=1 does here")
    found = matrix(tmp_path, "--bounded")

    bad = [cell for cell in found["cells"] if not cell["as_meant"] or faulty(cell)]
    assert bad == []
    assert set(found["never_passed"]) <= _NOT_PASSED_YET


def matrix(folder: Path, *options: str) -> Any:
    """Run the matrix as ``make crash`` does, and return what it wrote."""
    require_tool("storescu")
    require_tool("storescp")
    out = folder / "crash.json"
    command = [sys.executable, "-m", "tests.system.crash", "--out", str(out), *options]
    subprocess.run(command, check=False, timeout=_LONGEST_S)
    return json.loads(out.read_text())


def faulty(cell: Any) -> bool:
    return any(cell["faults"].values())


# That the matrix would tell.


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Material]:
    """Return the folder of a study that was received, scored and delivered."""
    folder = tmp_path_factory.mktemp("kept")
    program = (
        "import sys, pathlib; from tests.system.crash.test_crash_matrix import keep; "
        "keep(pathlib.Path(sys.argv[1]))"
    )
    require_tool("storescu")
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True)
    files = sorted((folder / "sent" / "0-as-sent").iterdir())
    return folder, Material(((uid_in(0, STUDY_UID), tuple(files)),))


def keep(folder: Path) -> None:
    """Have a study received, scored and delivered; in a process that may be forked."""
    judge(
        Cell(None, 1), material(folder / "sent", studies=1), folder / "run", forked_node
    )


def spoilt(
    kept: tuple[Path, Material], folder: Path, spoil: Callable[[Path], object]
) -> Faults:
    """Return what is found where something was spoilt."""
    run = folder / "run"
    shutil.copytree(kept[0] / "run", run)
    spoil(run)
    seen = Kept(run / "data")
    [(uid, files)] = kept[1].studies
    seen.holds(files)
    seen.has_one_result_each([uid])
    seen.was_taken(run / "archive")
    seen.is_tidy()
    return seen.faults


def changed(statement: str) -> Callable[[Path], object]:
    def change(run: Path) -> None:
        with sqlite3.connect(run / "data" / "ledger.sqlite") as ledger:
            assert ledger.execute(statement).rowcount
        ledger.close()

    return change


def cut_object(run: Path) -> None:
    path = next((run / "data" / "objects").rglob("*.dcm"))
    path.write_bytes(path.read_bytes()[:-1])


def drop_object(run: Path) -> None:
    next((run / "data" / "objects").rglob("*.dcm")).unlink()


def change_what_came(run: Path) -> None:
    path = next((run / "archive").iterdir())
    other = path.with_name(path.name[:-16] + "0" * 16)
    other.write_bytes(path.read_bytes() + b"\0\0")


def drop_what_came(run: Path) -> None:
    next((run / "archive").iterdir()).unlink()


def leave_a_part(run: Path) -> None:
    (run / "data" / "incoming" / "left.part").touch()


def leave_an_object(run: Path) -> None:
    (run / "data" / "objects" / "00" / "unknown.dcm").touch()


def test_a_node_that_kept_everything_is_found_without_fault(
    kept: tuple[Path, Material], tmp_path: Path
) -> None:
    assert not spoilt(kept, tmp_path, lambda _: None)


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (cut_object, "lost"),
        (drop_object, "lost"),
        (changed("DELETE FROM instances WHERE id = 1"), "lost"),
        (changed("UPDATE instances SET sha256 = 'other' WHERE id = 1"), "lost"),
        (changed("UPDATE jobs SET state = 'failed'"), "lost"),
        (drop_what_came, "lost"),
        (change_what_came, "doubled"),
        (
            changed(
                "INSERT INTO jobs (key, study_id, line, case_json, state, created_at, "
                "updated_at, attempts) SELECT 'second', study_id, line, case_json, "
                "state, created_at, updated_at, attempts FROM jobs"
            ),
            "doubled",
        ),
        (changed("DELETE FROM results WHERE id = 1"), "doubled"),
        (leave_a_part, "odd"),
        (leave_an_object, "odd"),
        (changed("UPDATE deliveries SET state = 'pending' WHERE id = 1"), "odd"),
        (changed("UPDATE instances SET state = 'received' WHERE id = 1"), "odd"),
    ],
)
def test_what_is_lost_doubled_or_left_over_is_found(
    kept: tuple[Path, Material],
    tmp_path: Path,
    spoil: Callable[[Path], object],
    kind: str,
) -> None:
    assert getattr(spoilt(kept, tmp_path, spoil), kind)
