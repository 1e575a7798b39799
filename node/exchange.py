"""What passes between the node and its archives, joined: results out, proof back.

A part of the composition root: who knows whom among those that speak to archives.

::

    Delivering (one per destination) --results--> archive
    Commitments --questions, answers--> archives and scanners
    Retrieving --questions--> archive --objects--> the listener's sink
    Retention  --questions--> archive; files of the store are deleted
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from config.schema import Settings
from node.association.storing import Sink
from node.delivery.commitments import Commitments
from node.delivery.delivering import Delivering
from node.delivery.held import held_at
from node.fault_points import Passing
from node.guarding import Guard
from node.identity import derived_uid
from node.keeping.retention import Retention
from node.ledger import Ledger
from node.options.commitment import commitment_options
from node.options.keeping import retention_options
from node.options.network import retry_policy, routes
from node.options.retrieval import retrieving
from node.scheduler import Task

_PERIOD = timedelta(seconds=1)
_RETENTION_PERIOD = timedelta(minutes=10)
"""Days are counted; minutes only tell how soon a person sees it at work."""


class Exchange:
    """Sends, asks, answers and fetches.

    Parameters
    ----------
    settings : Settings
    ledger : Ledger
    now : callable
        The clock.
    sink : callable
        Takes what is fetched, as the listener's does.
    guard : Guard
        Is told of what goes out, and of each study whose files are deleted.
    passing : callable
        What happens at the fault points.

    Attributes
    ----------
    service : Service
        Storage commitment, for the listener.
    destinations : tuple of str
        Names of those that results are sent to.
    deliveries : tuple of str
        Names of the tasks that send.
    tasks : tuple of Task
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        now: Callable[[], datetime],
        sink: Sink,
        guard: Guard,
        passing: Passing,
    ) -> None:
        policy = retry_policy(settings)
        sending = [
            Delivering(
                ledger, route, policy, now, passing, guard.departures(route.name)
            )
            for route in routes(settings)
        ]
        new_uid = partial(derived_uid, settings.node.uid_root)
        commitments = Commitments(
            ledger, commitment_options(settings), now, new_uid, passing
        )
        self._retrieving = retrieving(settings, ledger, sink, now)
        retention = Retention(
            ledger,
            [each.destination for each in commitments.asking],
            retention_options(settings, guard.deleted),
            now,
            held_at,
        )
        self.service = commitments.service
        self.destinations = tuple(each.destination.name for each in sending)
        self.deliveries = tuple(f"deliver {name}" for name in self.destinations)
        self.tasks = (
            *_swept(zip(self.deliveries, sending, strict=True)),
            *_swept((f"confirm {each.name}", each) for each in commitments.asking),
            *_swept((f"answer {each.name}", each) for each in commitments.answering),
            *self._fetching(),
            Task("retention", retention.sweep, _RETENTION_PERIOD),
        )

    def release(self) -> None:
        """Wait for no archive any more: the node is about to stop."""
        if self._retrieving is not None:
            self._retrieving.stop()

    def _fetching(self) -> tuple[Task, ...]:
        if self._retrieving is None:
            return ()
        return (Task("retrieve", self._retrieving.sweep, _PERIOD),)


class _Sweeping(Protocol):
    """What a task does again and again."""

    def sweep(self) -> None:
        """Do all that there is to do now."""


def _swept(named: Iterable[tuple[str, _Sweeping]]) -> Iterator[Task]:
    """Give a task for each of those that are swept every second."""
    for name, each in named:
        yield Task(name, each.sweep, _PERIOD)
