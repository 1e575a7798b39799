"""Silence of studies that wait for it, where the clock was moved meanwhile.

Design choice: silence is a duration, and rows know instants only. Where the clock was
put forward or back since the last object came, nobody can tell from them how long it
has been silent. It is then counted anew: that costs one settling time, and no study is
taken for complete, or forgotten for hours, because of a clock.
"""

from datetime import datetime

from sqlalchemy import select, update

from node.ledger.database import Database
from node.tables import STUDIES


class SilenceRows(Database):
    """The studies, as far as they wait for silence."""

    def restart_silence(self, at: datetime, *, of_all: bool) -> int:
        """Have the silence of studies begin now, and return of how many.

        Parameters
        ----------
        at : datetime
        of_all : bool
            Whether of every study that waits for it; else of those only whose last
            object came later than now, by a clock that was put back since.
        """
        waits = STUDIES.c.settles.is_(True)
        late = STUDIES.c.touched_at > at
        which = waits if of_all else waits & late
        with self._reading() as connection:
            found = connection.execute(select(STUDIES.c.id).where(which)).scalars()
            studies = found.all()
        if not studies:
            return 0
        with self._writing() as connection:
            changed = connection.execute(
                update(STUDIES).where(which).values(touched_at=at)
            )
        return int(changed.rowcount)
