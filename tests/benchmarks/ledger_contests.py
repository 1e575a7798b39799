"""What a ledger of a million objects costs, against one of a thousand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from node.ledger import Ledger
from node.records.jobs import Job
from node.records.states import JobState, ReceiveOutcome
from tests.benchmarks.measurement import Contest, UnlikeError
from tests.support.million import PER_STUDY, as_stored, fill, study_uid
from tests.support.objects import NOON, ObjectKind, header

LARGE, SMALL = 1_000_000, 1_000
LATER = NOON + timedelta(days=365)
_ROUNDS = 10
_LISTED = 5
"""Studies that a list shows; the small ledger has not many more."""


class Everyday:
    """What a node and its people ask of a ledger.

    Parameters
    ----------
    ledger : Ledger
        From `fill`.
    studies : int
        That it holds.
    """

    def __init__(self, ledger: Ledger, studies: int) -> None:
        self._ledger = ledger
        self._shown = study_uid(studies // 3)
        self._grows = study_uid(studies // 2)
        self._numbers = count()

    @property
    def works(self) -> dict[str, Callable[[], None]]:
        """Each question by its name; it makes sure of the answer."""
        return {
            "index one more": self._index,
            "find what is ready": self._find,
            "queue and claim a job": self._claim,
            "show a study": self._show,
            "list studies": self._list,
            "read a study to decide on": self._read,
        }

    def __call__(self) -> None:
        """Do everything, several times."""
        for _ in range(_ROUNDS):
            for work in self.works.values():
                work()

    def _index(self) -> None:
        new = header(
            ObjectKind.PET,
            f"{self._grows}.8.{next(self._numbers)}",
            study_instance_uid=self._grows,
            series_instance_uid=f"{self._grows}.8",
            frame_of_reference_uid=f"{self._grows}.9",
        )
        outcome = self._ledger.record_received(as_stored(new), LATER)
        [row] = self._ledger.unindexed(9)
        self._ledger.record_indexed(row.identifier, new, LATER)
        _require(outcome is ReceiveOutcome.NEW)

    def _find(self) -> None:
        ledger = self._ledger
        _require(len(ledger.touched_studies(9)) == 1)
        _require(not ledger.unindexed(9))
        _require(not ledger.studies_to_settle(LATER))
        _require(ledger.claim_job(LATER) is None)
        _require(not ledger.due_deliveries("PACS", LATER, 9))

    def _claim(self) -> None:
        key = f"{self._grows} {next(self._numbers)}"
        job = Job(key, self._grows, key, '{"a": 1}', JobState.PENDING, LATER, 0)
        self._ledger.add_job(job, LATER)
        claimed = self._ledger.claim_job(LATER)
        self._ledger.hold_job(key, "no_roi", "measured", LATER)
        _require(claimed is not None and claimed.key == key)

    def _show(self) -> None:
        _require(self._ledger.study(self._shown) is not None)

    def _list(self) -> None:
        _require(len(self._ledger.studies(limit=_LISTED)) == _LISTED)

    def _read(self) -> None:
        _require(len(self._ledger.neighbourhood(self._shown)) == PER_STUDY)


def _require(alike: bool) -> None:  # noqa: FBT001 - a fact, not a switch
    if not alike:
        raise UnlikeError


@contextmanager
def ledger_million() -> Iterator[Contest]:
    """An everyday round on a million objects, against one on a thousand."""
    with filled(LARGE) as (large, many), filled(SMALL) as (small, few):
        yield Contest(
            "ledger_million",
            f"the same in a ledger of {SMALL:,} objects, {_ROUNDS} rounds",
            Everyday(large, many),
            Everyday(small, few),
            7,
        )


@contextmanager
def filled(instances: int) -> Iterator[tuple[Ledger, int]]:
    """Give a ledger of a size, and how many studies it holds."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        with Ledger.open(f"sqlite:///{root / 'ledger.sqlite'}", root) as ledger:
            yield ledger, fill(ledger, instances)
