"""How long a study waits for its report, and what it waits for.

``last_store_to_report``: from the answer to the last C-STORE of a study to its SR at
the archive. The node is a process of its own and warm, and each study is sent in one
go, its contours last. Then a line for each part:

* on the way, by the fault points that the service passes (a few microseconds each);
* inside the worker, by the same calls in this process, with nothing beside them.

``objects_of_a_study``: what it takes to make all objects of a result and to check each,
with a line for each kind.
"""

import importlib
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial, wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from pydicom.uid import Comprehensive3DSRStorage

from config.load import default_settings
from dicom_io.phantom.study import StudyOptions
from model.phantom import PhantomSpec, make_phantom
from node.association.archive import Archive
from node.association.sender import Delivered, Destination, send_files
from node.case.objects.making import make_objects
from node.case.pipeline import compute_case
from node.commands.phantom import write_phantom
from node.fault_points import FaultPoint
from node.folder import read_folder
from node.options.case import case_options, matching_rules
from node.readiness.assess import assess_readiness
from node.records.cases import Case, Ready
from node.records.jobs import Job
from node.records.states import JobState
from tests.benchmarks.clocked_node import passed_at_s
from tests.benchmarks.measurement import Contest, Measurement, UnlikeError
from tests.support.service import NODE_AE, free_port, wait_for_echo, write_config

_SCANNED_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
_TARGET_S = 0.3
_OBJECTS_TARGET_S = 0.5
_RUNS = 5
_PATIENCE_S = 60.0
_REST_S = 0.5
_UNFINISHED = (
    "SELECT (SELECT count(*) FROM jobs WHERE state IN ('pending', 'running')) + "
    "(SELECT count(*) FROM deliveries WHERE state = 'pending')"
)

_ON_THE_WAY: tuple[tuple[str, FaultPoint], ...] = (
    ("silence and header indexing", FaultPoint.INDEX_COMMITTED),
    ("readiness and queue", FaultPoint.INDEX_QUEUED),
    ("claim", FaultPoint.COMPUTE_CLAIMED),
    ("submit to worker", FaultPoint.COMPUTE_BEGUN),
    ("compute and build", FaultPoint.COMPUTE_DONE),
    ("write and fsync, beside the check", FaultPoint.RESULTS_FILED),
    ("rest of the check, and ledger", FaultPoint.REPORT_COMMITTED),
)
"""Each part, and the point that ends it; the next begins there."""

_IN_THE_WORKER: tuple[tuple[str, str, str], ...] = (
    ("read PET and SUV", "node.case.pipeline", "read_suv"),
    ("mask", "node.case.pipeline", "find_regions"),
    ("features, score and readings", "model.score.assess", "read_region"),
    ("sensitivity", "model.score.assess", "sensitivity_of"),
    ("shuffled", "model.score.assess", "shuffled_score"),
    ("map", "model.score.assess", "local_texture_index"),
)
"""Each part, and the function that is timed for it where it is called."""

_TO_THE_REPORT = "to the report, written"


@contextmanager
def last_store_to_report() -> Iterator[Contest]:
    """From the last C-STORE to the report at the archive, and its parts."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        archive = stack.enter_context(Archive(folder / "archive", "ARCHIVE"))
        node = stack.enter_context(_clocked_node(folder, archive))
        studies = iter([_study(folder / f"{n}", n) for n in range(_RUNS + 1)])
        case = _case(folder / "0")
        parts: defaultdict[str, list[float]] = defaultdict(list)

        def ours() -> float:
            taken_s, found = node.report(next(studies))
            for name, part_s in found.items():
                parts[name].append(part_s)
            return taken_s

        def lines() -> list[Measurement]:
            whole_s = sum(statistics.median(each[1:]) for each in parts.values())
            return [
                *_lines("last_store_to_report", parts, whole_s),
                *_lines("worker", _in_the_worker(case, folder / "out"), _TARGET_S),
            ]

        yield Contest(
            "last_store_to_report",
            f"the target of {_TARGET_S} s",
            ours,
            _TARGET_S,
            _RUNS,
            prepare=node.rest,
            own_clock=True,
            parts=lines,
        )


@contextmanager
def objects_of_a_study() -> Iterator[Contest]:
    """All objects of a result, made of its findings in a warm process."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _study(folder / "study", 0)
        case, options = _case(folder / "study"), case_options(default_settings())
        found = _findings(case, folder / "out")
        kinds: defaultdict[str, list[float]] = defaultdict(list)

        def ours() -> None:
            taken: defaultdict[str, float] = defaultdict(float)
            began_s = time.perf_counter()
            for made in make_objects(found, options, _job(case)):
                now_s = time.perf_counter()
                taken[made.kind] += now_s - began_s
                began_s = now_s
            for kind, part_s in taken.items():
                kinds[kind].append(part_s)

        yield Contest(
            "objects_of_a_study",
            f"the target of {_OBJECTS_TARGET_S} s, the external check not counted",
            ours,
            _OBJECTS_TARGET_S,
            _RUNS,
            parts=lambda: _lines("objects_of_a_study", kinds, _OBJECTS_TARGET_S),
        )


REPORT_CONTESTS = {
    contest.__name__: contest for contest in (last_store_to_report, objects_of_a_study)
}


@dataclass
class _ClockedNode:
    """A service whose fault points are noted, and its archive."""

    port: int
    data: Path
    notes: Path
    archive: Archive
    reports: int = field(default=0)

    def report(self, study: Sequence[Path]) -> tuple[float, dict[str, float]]:
        """Send a study; return what its report took, in all and by parts."""
        self.notes.write_text("")
        node = Destination("node", NODE_AE, "127.0.0.1", self.port, "SCANNER")
        for _, outcome in send_files(node, study):
            answered_s = time.monotonic()
            if not isinstance(outcome, Delivered):
                raise UnlikeError
        self.reports += 1
        if not self.archive.wait_for(self._has_reports, _PATIENCE_S):
            raise UnlikeError
        arrived_s = time.monotonic()
        parts: dict[str, float] = {}
        begun_s = answered_s
        passed = passed_at_s(self.notes)
        stored = [at_s for at_s, point in passed if point is FaultPoint.RECEIVE_BEGUN]
        parts["receive and ledger of the last object"] = answered_s - stored[-1]
        for name, point in _ON_THE_WAY:
            ended_s = _end(passed, point, arrived_s)
            parts[name] = max(0.0, ended_s - begun_s)
            begun_s = max(begun_s, ended_s)
        parts["association and C-STORE"] = arrived_s - begun_s
        return arrived_s - answered_s, parts

    def rest(self) -> None:
        """Wait until all is delivered, and for what is done after that."""
        deadline = time.monotonic() + _PATIENCE_S
        address = f"file:{self.data / 'ledger.sqlite'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as ledger:
            while ledger.execute(_UNFINISHED).fetchone()[0]:
                if time.monotonic() > deadline:
                    raise UnlikeError
                time.sleep(0.05)
        time.sleep(_REST_S)

    def _has_reports(self, arrivals: Sequence[Any]) -> bool:
        sops = [each.sop_class_uid for each in arrivals]
        return sops.count(Comprehensive3DSRStorage) >= self.reports


def _end(
    passed: list[tuple[float, FaultPoint]], wanted: FaultPoint, before_s: float
) -> float:
    """Return when a part ended on the way to a report that came at some instant.

    Headers are indexed many times while a study comes, and the last time counts; what
    the worker does is done again for the other objects, and the first time counts.
    """
    found = [at_s for at_s, point in passed if point is wanted and at_s < before_s]
    if not found:
        raise UnlikeError
    return max(found) if wanted is FaultPoint.INDEX_COMMITTED else min(found)


@contextmanager
def _clocked_node(folder: Path, archive: Archive) -> Iterator[_ClockedNode]:
    port, notes = free_port(), folder / "notes"
    notes.touch()
    config = write_config(folder, port, archive_port=archive.port)
    # Default objects of a result: both reports are of one SOP class, and one is sent.
    with (folder / "node.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.clocked_node", config, notes],
            stdout=log,
            stderr=log,
            text=True,
        )
        try:
            wait_for_echo(process, port)
            yield _ClockedNode(port, folder / "data", notes, archive)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _study(folder: Path, seed: int) -> list[Path]:
    """Return the files of a default phantom, its contours last."""
    at = _SCANNED_AT + timedelta(days=seed)
    write_phantom(make_phantom(PhantomSpec(seed=seed)), StudyOptions(at=at), folder)
    files = sorted(folder.rglob("*.dcm"))
    return sorted(files, key=lambda path: path.parent.name.startswith("RT"))


def _case(folder: Path) -> Case:
    contents = read_folder(sorted(folder.rglob("*.dcm")), _SCANNED_AT)
    rules = matching_rules(default_settings())
    [ready] = assess_readiness(contents.instances, rules, settled=True, final=True)
    if not isinstance(ready, Ready):
        raise UnlikeError
    return ready.case


def _job(case: Case) -> Job:
    study = case.study_instance_uid
    return Job("0" * 64, study, "line", "", JobState.RUNNING, _SCANNED_AT, 1)


def _compute(case: Case, out: Path, reported: Callable[[object], object]) -> None:
    out.mkdir(exist_ok=True)

    def write(files: Sequence[tuple[str, bytes]]) -> list[Path]:
        for name, content in files:
            (out / name).write_bytes(content)
        return [out / name for name, _ in files]

    options = case_options(default_settings())
    compute_case(case, options, _job(case), write, reported=reported)


def _findings(case: Case, out: Path) -> Any:
    """Return what a case's objects are made of, as the pipeline makes them."""
    found: list[Any] = []

    def keep(findings: Any, *rest: Any) -> Any:
        found.append(findings)
        return make_objects(findings, *rest)

    with patch("node.case.pipeline.make_objects", keep):
        _compute(case, out, lambda _: None)
    return found[0]


def _in_the_worker(case: Case, out: Path) -> Mapping[str, list[float]]:
    """Return what each part of computing takes, the rest being the report's."""
    parts: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(_RUNS + 1):
        for name, part_s in _once_in_the_worker(case, out).items():
            parts[name].append(part_s)
    return parts


def _once_in_the_worker(case: Case, out: Path) -> dict[str, float]:
    taken: defaultdict[str, float] = defaultdict(float)
    ended: list[float] = []
    with ExitStack() as stack:
        for name, module, function in _IN_THE_WORKER:
            timed = _timed(importlib.import_module(module), function, taken, name)
            stack.enter_context(patch(f"{module}.{function}", timed))
        began_s = time.perf_counter()
        _compute(case, out, lambda _: ended.append(time.perf_counter()))
    whole_s = ended[0] - began_s
    return {
        **taken,
        "build and check the report": whole_s - sum(taken.values()),
        _TO_THE_REPORT: whole_s,
    }


def _timed(
    module: object, name: str, taken: defaultdict[str, float], part: str
) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(module, name)

    @wraps(function)
    def timed(*args: Any, **options: Any) -> Any:
        began_s = time.perf_counter()
        try:
            return function(*args, **options)
        finally:
            taken[part] += time.perf_counter() - began_s

    return timed


def _lines(
    name: str, parts: Mapping[str, list[float]], whole_s: float
) -> list[Measurement]:
    """Return a line for each part; the first run of each does not count."""
    line = partial(Measurement, unit="ms", runs=_RUNS)
    found = []
    for part, taken in parts.items():
        ours = statistics.median(taken[1:]) * 1000
        found.append(
            line(
                name=f"{name}: {part}",
                ratio=ours / (whole_s * 1000),
                against="its share of the whole",
                ours=ours,
                theirs=whole_s * 1000,
            )
        )
    return found
