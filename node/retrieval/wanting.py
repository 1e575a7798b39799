"""From studies that changed to rows of what is sought for them.

Design choice: a study is looked at when nothing came for as long as studies settle. A
scanner that is still sending shall not see its slices fetched from the archive beside.

Design choice: which studies were looked at is kept in memory. After a restart those of
the days for which something is sought at all are looked at again; rows that are there
already stay as they are.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from node.ledger import Ledger
from node.records.sought import Need, Sought
from node.retrieval.lacking import lacking

_OVERLAP = timedelta(minutes=1)
"""In which two looks overlap: a row may be committed a little after its instant."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Wanting:
    """Looks at each study that changed, once for each change.

    Parameters
    ----------
    ledger : Ledger
    settle : timedelta
    within : timedelta or None
        How long after its last change a study is sought for; None for ever.
    earlier : bool
        Whether earlier studies are wanted.
    now : callable
        The clock.
    """

    def __init__(
        self,
        ledger: Ledger,
        settle: timedelta,
        within: timedelta | None,
        now: Callable[[], datetime],
        *,
        earlier: bool,
    ) -> None:
        self._ledger = ledger
        self._settle = settle
        self._earlier = earlier
        self._now = now
        self._since = _BEGINNING if within is None else now() - within
        # What was looked at: study, its content's count, when it changed.
        self._seen: dict[str, tuple[int, datetime]] = {}

    def sweep(self) -> None:
        """Enter what is sought for the studies that changed and came to rest."""
        until = self._now() - self._settle
        for study, changed_at in self._ledger.studies_changed(self._since, until):
            uid = study.study_instance_uid
            now_seen = (study.generation, changed_at)
            if self._seen.get(uid) != now_seen:
                self._want(uid)
                self._seen[uid] = now_seen
        # A clock that was set back has its studies looked at as well.
        self._since = until - _OVERLAP
        self._seen = {
            uid: seen for uid, seen in self._seen.items() if seen[1] >= self._since
        }

    def _want(self, study_uid: str) -> None:
        instances = self._ledger.neighbourhood(study_uid)
        found = lacking(study_uid, instances, earlier=self._earlier)
        if self._ledger.is_fetched(fetched_for_another(study_uid)):
            found = tuple(each for each in found if each.need is not Need.IMAGES)
        if found:
            at = self._now()
            self._ledger.want(study_uid, found, at, at)


def fetched_for_another(study_uid: str) -> Sought:
    """Return the mark of a study whose contours were fetched for another's PET."""
    return Sought(Need.FETCHED, "STUDY", (study_uid,))
