"""The composition root: who knows whom.

::

    Listener --bytes--> Receiving --> InstanceStore, Ledger   (then: Success)
    Guard     who may, how fast, and who is told              (`node.guarding`)
    Works     from rows to results                            (`node.works`)
    Exchange  results out, proof back, what is missing in     (`node.exchange`)

Each arrow ends in durable files or committed rows before the next begins; the tasks
find their work in the ledger and wake each other only to be quick.
"""

import logging
from contextlib import ExitStack

from config.schema import Settings
from node import clock
from node.association.leaving import leaving
from node.association.listener import Listener
from node.data_folder import open_ledger, sole_use
from node.exchange import Exchange
from node.fault_points import Passing, pass_by
from node.guarding import Guard
from node.instance_store import InstanceStore
from node.options.network import listener_options
from node.receiving import Receiving
from node.scheduler import Scheduler
from node.works import LEFT, Works

_log = logging.getLogger(__name__)

_GRACE_S = 6.0
"""For sweeps to end in when the node stops; container engines kill after ten."""


class Node:
    """The service: receives, decides, computes and delivers until it is stopped.

    Parameters
    ----------
    settings : Settings
    passing : callable
        What happens at the fault points; nothing, unless a test ends the node there.

    Raises
    ------
    config.refusal.RefusalError
        When the data folder is in use, or what the settings name cannot be.
    """

    def __init__(self, settings: Settings, passing: Passing = pass_by) -> None:
        folder = settings.node.data_folder
        self._attempts = settings.compute.attempts
        self._own = ExitStack()
        self._own.enter_context(sole_use(folder))
        self.ledger = open_ledger(settings, make=True)
        self._guard = Guard(settings, self.ledger, clock.now, self._wake)
        sink = self._guard.paced(
            Receiving(
                InstanceStore(folder),
                self.ledger,
                clock.now,
                lambda: self._wake("intake"),
                passing,
            )
        )
        self._exchange = Exchange(
            settings, self.ledger, clock.now, sink, self._guard, passing
        )
        self._works = Works(
            settings, self.ledger, self._wake, passing, self._guard.arrived
        )
        self._listener = Listener(
            listener_options(settings),
            sink,
            [self._guard.service, self._exchange.service, leaving(self._left)],
            self._guard.refusals.tell,
        )
        self._scheduler = Scheduler(
            [*self._works.tasks, *self._exchange.tasks, *self._guard.tasks]
        )

    @property
    def port(self) -> int:
        """The port on which the node listens."""
        return self._listener.port

    def start(self) -> None:
        """Take up what an earlier run left, then listen.

        Raises
        ------
        CannotListenError
        """
        # Whoever cannot listen must not touch what another run left.
        self._listener.start()
        self._take_up()
        self._works.start()
        self._scheduler.start()
        self._guard.start()
        _log.info("listening on port %d", self.port)

    def wait_until_warm(self, timeout_s: float) -> None:
        """Wait until the workers have paid for their imports.

        Raises
        ------
        WorkersNotReadyError
        """
        self._works.wait_until_warm(timeout_s)

    def stop(self) -> None:
        """Stop listening, let sweeps end, stop the workers; rows keep what is left.

        A sweep that does not end in time, for it has much to do or waits for a peer,
        is left behind: it is as if it was killed, which costs nothing.
        """
        self._guard.release()
        self._exchange.release()
        self._listener.stop()
        late = self._scheduler.stop(_GRACE_S)
        self._works.stop(books=not late)
        self._guard.stop()
        self.ledger.close()
        if late:
            # The folder is theirs until the process ends.
            _log.warning("not waited for any more: %s", ", ".join(late))
        else:
            self._own.close()

    def _take_up(self) -> None:
        """Have done again what was under way, and tell what nobody will do."""
        again = self.ledger.requeue_running(clock.now(), attempts=self._attempts)
        if again:
            _log.warning("%d jobs were under way when the node ended", again)
        for name, count in self.ledger.pending_destinations().items():
            if name not in self._exchange.destinations:
                _log.warning(
                    "%d objects wait for %s, which is not configured", count, name
                )

    def _left(self) -> None:
        """Decide soon on what senders that are gone have sent."""
        self._scheduler.hurry("intake", LEFT)

    def _wake(self, name: str) -> None:
        """Have the tasks of a name sweep now; ``deliver`` means all destinations."""
        names = self._exchange.deliveries if name == "deliver" else (name,)
        for each in names:
            self._scheduler.wake(each)
