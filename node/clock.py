"""The only reader of the clock."""

from datetime import datetime, timezone


def now() -> datetime:
    """Return the current instant, in UTC."""
    return datetime.now(timezone.utc)
