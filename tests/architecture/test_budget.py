"""What tests may spend, in counts rather than by a clock, which a busy machine bends.

A process of the whole service takes seconds, most of them imports. Commands run in the
test's own process and nodes in `tests/support/inline.py`; only what is promised of a
process, a port or a kill starts one.
"""

import ast
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
STARTERS = {"running", "command_apart", "shared_service", "started_node"}
STARTS = {
    "system/crash/test_storage_trouble.py": 2,
    "system/test_commitment.py": 1,
    "system/test_restart.py": 3,
    "system/test_retrieval.py": 2,
}
"""By module, the calls that start a service of its own; others share one."""


def starts_in(path: Path) -> int:
    """Return how often a module calls what starts the command or the service."""
    return sum(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in STARTERS
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_services_are_started_by_what_is_promised_of_a_start() -> None:
    found = {
        path.relative_to(TESTS).as_posix(): starts_in(path)
        for path in TESTS.rglob("test_*.py")
        if any(f"{name}(" in path.read_text() for name in STARTERS)
    }

    assert {name: count for name, count in found.items() if count} == STARTS
