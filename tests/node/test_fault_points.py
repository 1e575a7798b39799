"""Promises of `node.fault_points`: each place is documented; to kill there kills."""

import ast
import os
import re
import signal
from pathlib import Path

import pytest

from node import fault_points
from node.fault_points import FaultPoint, KillAt, pass_by

PAGE = Path(__file__).resolve().parents[2] / "docs" / "durability.md"


def meanings() -> dict[str, str]:
    """Return what stands below each member of the enumeration, on one line."""
    source = Path(fault_points.__file__).read_text()
    body = next(
        node.body
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and node.name == FaultPoint.__name__
    )
    found: dict[str, str] = {}
    name = ""
    for statement in body:
        if isinstance(statement, ast.Assign):
            name = ast.literal_eval(statement.value)
        elif name and isinstance(statement, ast.Expr):
            found[name] = " ".join(ast.literal_eval(statement.value).split())
    return found


def test_the_page_says_of_each_point_what_the_code_says() -> None:
    rows = [f"| {name} | {words} |" for name, words in meanings().items()]
    documented = [
        line
        for line in PAGE.read_text().splitlines()
        if re.match(r"\| [a-z]+\.[a-z]+ \|", line)
    ]

    assert list(meanings()) == list(FaultPoint)
    assert documented == rows


def test_a_node_in_service_passes_by() -> None:
    for point in FaultPoint:
        pass_by(point)


@pytest.mark.parametrize("time", [1, 3])
def test_the_process_that_passes_is_killed_at_that_passing(time: int) -> None:
    child = os.fork()
    if not child:
        kill = KillAt(FaultPoint.INDEX_READ, time)
        kill(FaultPoint.INDEX_QUEUED)
        for _ in range(time - 1):
            kill(FaultPoint.INDEX_READ)
        kill(FaultPoint.INDEX_READ)
        os._exit(0)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def test_no_other_passing_kills() -> None:
    kill = KillAt(FaultPoint.INDEX_READ, 2)
    kill(FaultPoint.INDEX_READ)
    kill(FaultPoint.RESULTS_FILED)
