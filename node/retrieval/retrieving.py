"""The sweep that fetches what is sought, and books what came of it.

Design choice: what came is what the ledger holds afterwards, whatever the archive
counted. An archive that says it has something and does not send it is asked again,
later and later, and the study shows that.

Design choice: nothing is given up because an archive is away. Days count when the
archive answers and has it not; until then it is tried again for ever, as deliveries
are.

Design choice: contours are asked for until nothing has come to the study for
`retrieve.give_up_after_days`, also after a result was delivered: a revision of them
makes a revision of the result. Then a study that has contours is left in peace, and
one that has none says what was given up.
"""

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from node.association.query import querying
from node.association.requestor import (
    Destination,
    PeerRefusesError,
    PeerUnavailableError,
)
from node.association.retrieve import Fetched, Request, Taker, get, move
from node.ledger import Ledger
from node.readiness.references import references_of
from node.records.objects import StoredInstance
from node.records.sought import Need, Retrieval
from node.records.states import RetrievalState
from node.retrieval.lacking import (
    contours_among,
    lacks_images,
    series_is_short,
)
from node.retrieval.locating import Locating, Series
from node.retrieval.wanting import Wanting, fetched_for_another
from node.retry import RetryPolicy, alarming, next_attempt

_log = logging.getLogger(__name__)

_BATCH = 50
_FAILURES_IN_A_ROW = 2
"""After which the rest waits: the archive is away, or in no state to answer."""
_NOTHING = "the archive has none that is not here"


@dataclass(frozen=True)
class RetrieveOptions:
    """What is fetched, and how.

    Attributes
    ----------
    method : str
        get or move.
    policy : RetryPolicy
        Between two questions for one thing.
    settle : timedelta
        Silence of a study before anything is sought for it.
    give_up_after : timedelta or None
        None for never.
    earlier_studies : bool
    """

    method: str
    policy: RetryPolicy
    settle: timedelta
    give_up_after: timedelta | None
    earlier_studies: bool


class Retrieving:
    """Seeks what studies lack at one archive.

    Parameters
    ----------
    ledger : Ledger
    source : Destination
        The archive.
    options : RetrieveOptions
    taker : Taker
        Takes what comes by C-GET; of a C-MOVE, the listener does.
    now : callable
        The clock.
    """

    def __init__(
        self,
        ledger: Ledger,
        source: Destination,
        options: RetrieveOptions,
        taker: Taker,
        now: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._source = source
        self._options = options
        self._taker = taker
        self._now = now
        self._wanting = Wanting(
            ledger,
            options.settle,
            options.give_up_after,
            now,
            earlier=options.earlier_studies,
        )
        self._stopping = threading.Event()
        # Jitter only spreads questions; nothing depends on it.
        self._random = random.Random(source.name)  # noqa: S311

    def stop(self) -> None:
        """Have a sweep that is under way end soon; what is left stays due."""
        self._stopping.set()

    def sweep(self) -> None:
        """Enter what is newly sought, then ask for all that is due."""
        self._wanting.sweep()
        while not self._stopping.is_set():
            due = self._ledger.due_retrievals(
                self._now(), _BATCH, longest_delay=self._options.policy.longest_delay
            )
            if not due:
                return
            self._work_off(due)

    def _work_off(self, due: Sequence[Retrieval]) -> None:
        """Ask for each; when the archive fails, the rest waits as long as that one."""
        failures = 0
        why: PeerUnavailableError | PeerRefusesError | None = None
        for retrieval in due:
            if self._stopping.is_set():
                return
            if why is not None and failures >= _FAILURES_IN_A_ROW:
                self._defer(retrieval, why)
                continue
            try:
                self._seek(retrieval)
                failures = 0
            except (PeerUnavailableError, PeerRefusesError) as failure:
                failures, why = failures + 1, failure
                if not self._stopping.is_set():
                    self._defer(retrieval, failure)

    def _seek(self, retrieval: Retrieval) -> None:
        """Look for one thing, fetch what is there, and book it.

        Raises
        ------
        PeerUnavailableError, PeerRefusesError
        """
        study = retrieval.study_instance_uid
        instances = self._ledger.neighbourhood(study)
        if self._is_here(retrieval, instances):
            self._end(retrieval, RetrievalState.CAME, "it is here")
            return
        with querying(self._source) as asking:
            locating = Locating(self._source, asking, self._ledger.here)
            series = self._located(locating, retrieval, instances)
            requests = locating.missing(series)
        if not requests:
            self._nothing_new(retrieval, instances)
            return
        self._mark(retrieval, requests)
        self._book(retrieval, requests, self._fetch(requests))

    def _located(
        self,
        locating: Locating,
        retrieval: Retrieval,
        instances: Sequence[StoredInstance],
    ) -> list[Series]:
        """Return the series in which what is sought lies."""
        sought, study = retrieval.sought, retrieval.study_instance_uid
        if sought.need is Need.SLICES:
            return [Series(study, uid, "PT") for uid in sought.uids]
        if sought.need is Need.CONTOURS:
            patient = retrieval.patient_id
            return locating.contours(study, patient, sought.modalities)
        if sought.need is Need.EARLIER:
            return locating.earlier(
                study, retrieval.patient_id, retrieval.study_date, sought.modalities
            )
        found: list[Series] = []
        for source in self._sources(retrieval, instances):
            drawn_on = references_of(source)
            studies = tuple(dict.fromkeys((*drawn_on.studies, study)))
            patient = source.header.patient_id
            found += locating.images(drawn_on, studies, patient, sought.modalities)
        return found

    def _fetch(self, requests: Sequence[Request]) -> Fetched:
        def going() -> bool:
            return not self._stopping.is_set()

        if self._options.method == "get":
            return get(self._source, requests, self._taker, going)
        return move(self._source, requests, going)

    def _mark(self, retrieval: Retrieval, requests: Sequence[Request]) -> None:
        """Remember studies whose contours are fetched to see whether they fit."""
        if retrieval.sought.need is not Need.CONTOURS:
            return
        own = retrieval.study_instance_uid
        for study in sorted({request.study_uid for request in requests} - {own}):
            mark = fetched_for_another(study)
            self._ledger.mark_fetched(own, mark, self._now())

    def _is_here(
        self, retrieval: Retrieval, instances: Sequence[StoredInstance]
    ) -> bool:
        sought = retrieval.sought
        if sought.need is Need.SLICES:
            return not any(series_is_short(uid, instances) for uid in sought.uids)
        if sought.need is Need.IMAGES:
            sources = self._sources(retrieval, instances)
            return not any(lacks_images(source, instances) for source in sources)
        return False

    def _sources(
        self, retrieval: Retrieval, instances: Sequence[StoredInstance]
    ) -> list[StoredInstance]:
        uids = retrieval.sought.uids
        return [
            source
            for source in contours_among(instances)
            if source.header.sop_instance_uid in uids
        ]

    def _book(
        self, retrieval: Retrieval, requests: Sequence[Request], fetched: Fetched
    ) -> None:
        """Enter how much of what the archive was asked for is here now."""
        asked = {uid for request in requests for uid in request.instance_uids}
        came = len(self._ledger.here(asked))
        status = "; ".join((f"{came} of {len(asked)} objects came", *fetched.faults))
        _log.log(
            logging.INFO if came == len(asked) else logging.WARNING,
            "%s, fetched from %s for study %s: %s",
            retrieval.sought.words,
            self._source.name,
            retrieval.study_instance_uid,
            status,
        )
        if came == len(asked) and retrieval.sought.need is Need.EARLIER:
            self._end(retrieval, RetrievalState.CAME, status)
        else:
            self._later(retrieval, status, 0 if came else retrieval.attempts + 1)

    def _nothing_new(
        self, retrieval: Retrieval, instances: Sequence[StoredInstance]
    ) -> None:
        """Enter that the archive has nothing that is not here, and what follows."""
        if retrieval.sought.need is Need.EARLIER:
            self._end(retrieval, RetrievalState.CAME, _NOTHING)
            return
        limit = self._options.give_up_after
        since = max(retrieval.wanted_at, retrieval.changed_at)
        if limit is None or self._now() - since < limit:
            self._later(retrieval, _NOTHING, retrieval.attempts + 1)
            return
        asked = f"{self._source.name} was asked for {limit.days} days"
        if retrieval.sought.need is Need.CONTOURS and contours_among(instances):
            status = f"{asked}, and nothing more came"
            self._end(retrieval, RetrievalState.CAME, status)
            return
        status = f"{asked}, and has none; given up"
        _log.warning(
            "%s, for study %s: %s",
            retrieval.sought.words,
            retrieval.study_instance_uid,
            status,
        )
        self._end(retrieval, RetrievalState.GIVEN_UP, status)

    def _end(self, retrieval: Retrieval, state: RetrievalState, status: str) -> None:
        self._ledger.end_retrieval(retrieval, state, status, self._now())

    def _later(self, retrieval: Retrieval, status: str, attempts: int) -> None:
        at = self._now()
        due = next_attempt(
            self._options.policy, max(attempts, 1), at, self._random.random()
        )
        self._ledger.seek_again(retrieval, status, due, at, attempts=attempts)

    def _defer(
        self, retrieval: Retrieval, failure: PeerUnavailableError | PeerRefusesError
    ) -> None:
        """Enter that the archive could not be asked, and tell it."""
        attempts = retrieval.attempts + 1
        refused = isinstance(failure, PeerRefusesError)
        alarm = refused or alarming(self._options.policy, attempts)
        _log.log(
            logging.ERROR if alarm else logging.WARNING,
            "%s cannot be fetched from %s for study %s (attempt %d): %s; it is tried "
            "again",
            retrieval.sought.words,
            self._source.name,
            retrieval.study_instance_uid,
            attempts,
            failure,
        )
        self._later(retrieval, str(failure), attempts)
