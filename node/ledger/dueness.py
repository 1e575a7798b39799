"""When a row is due, on a machine whose clock may have been put back.

Design choice: a due time further away than the longest delay that is ever set cannot
have been set by the clock as it goes now. It counts as due: to try once too early
costs a try, to wait for a day that a wrong clock named loses what was to be sent.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_


def is_due(
    due_at: ColumnElement[datetime], at: datetime, longest_delay: timedelta | None
) -> ColumnElement[bool]:
    """Return the condition that a row is to be worked on now.

    Parameters
    ----------
    due_at : column
    at : datetime
        Now.
    longest_delay : timedelta or None
        Between setting a due time and the time itself; None believes every date.
    """
    if longest_delay is None:
        return due_at <= at
    return or_(due_at <= at, due_at > at + longest_delay)
