"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from config.anatomy import table_of
from config.schema import Settings
from node.failure import REASONS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("model", "dicom_io", "config", "node")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))

EMPTY_NAMES = {"utils", "util", "common", "helpers", "misc", "base", "types", "manager"}
LONGEST_MODULE = 340
"""About 300 is the rule; what is over this is two things."""


def module_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def all_keys(table: type[BaseModel]) -> Iterator[str]:
    for name, field in table.model_fields.items():
        inner = table_of(field)
        yield name
        if inner is not None:
            yield from all_keys(inner)


def reasons_in(tree: ast.AST) -> Iterator[str]:
    """Return the reason codes that classes state and that Held is made with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from _stated_in(node)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Held":
            yield from _texts(node.args[1:2])


def _stated_in(body: ast.ClassDef) -> Iterator[str]:
    for statement in body.body:
        if isinstance(statement, ast.Assign):
            names, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value:
            names, value = [statement.target], statement.value
        else:
            continue
        if any(getattr(name, "id", "") == "reason" for name in names):
            yield from _texts([value])


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_does_one_thing(path: Path) -> None:
    assert path.read_text().count("\n") <= LONGEST_MODULE


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}

    assert not names & EMPTY_NAMES


def test_every_reason_that_an_error_states_is_known() -> None:
    stated = {
        reason for path in MODULES for reason in reasons_in(ast.parse(path.read_text()))
    }

    assert stated, "no error states a reason: this test looks in the wrong place"
    unknown = sorted(stated - set(REASONS))
    assert not unknown


def test_every_setting_is_read_by_something() -> None:
    """A key that nothing reads is a promise that nobody keeps."""
    source = "\n".join(
        path.read_text()
        for path in MODULES
        if path.parent != ROOT / "config" or path.name in {"load.py", "schema.py"}
    )

    unread = [
        key
        for key in all_keys(Settings)
        if not re.search(rf"\.{key}\b|\"{key}\"", source)
    ]
    assert not unread


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_versions_and_hashes_but_no_address(path: Path) -> None:
    text = path.read_text()
    pins = re.split(r"\n(?=[A-Za-z0-9])", text.strip())

    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash", ""), re.MULTILINE)
    for pin in pins:
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+( ;.*)? \\\n", pin), pin
        assert "--hash=sha256:" in pin


def test_what_two_locks_pin_they_pin_alike() -> None:
    """The locks are installed one upon the other."""
    versions: dict[str, set[str]] = {}
    for path in LOCKS:
        for name, version in re.findall(
            r"^([\w.-]+)==(\S+)", path.read_text(), re.MULTILINE
        ):
            versions.setdefault(name, set()).add(version)

    assert len(LOCKS) == 3
    assert not {name: found for name, found in versions.items() if len(found) > 1}


def test_the_service_itself_loads_nothing_that_computes() -> None:
    """Only its workers do: it starts sooner, and takes a third of the memory."""
    computing = {"scipy", "highdicom", "radiomics", "SimpleITK", "matplotlib"}
    script = "import sys, node.commands.run; print(*sys.modules, sep='\\n')"

    loaded = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    names = {name.partition(".")[0] for name in loaded.stdout.splitlines()}
    assert "node" in names
    assert not names & computing
