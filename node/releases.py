"""Values that a person gave for a study, and what they amount to.

Design choice: what was released is never changed and never taken away, only followed by
a later value; so the ledger can say who held what for right, and when.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from model.administration import Administration, Assay, Source

VALUES = ("weight_g", "activity_bq", "injected_at")
"""What can be released."""

Value = float | datetime | None

_BQ_PER_MBQ = 1e6


@dataclass(frozen=True)
class Release:
    """What a person gave at once; None for what stays as it was.

    Attributes
    ----------
    animal_id : str
        Where several animals lay in the bed; else empty.
    at : datetime
    who : str
    weight_g, activity_bq : float or None
        The activity is what was injected, at the injection.
    injected_at : datetime or None
    """

    animal_id: str
    at: datetime
    who: str
    weight_g: float | None = None
    activity_bq: float | None = None
    injected_at: datetime | None = None


def in_force(releases: Iterable[Release]) -> dict[str, Release]:
    """Return who gave the value that counts, by the name of the value.

    The latest counts. Who gives the same value again has confirmed it, and changed
    nothing.

    Parameters
    ----------
    releases : iterable of Release
        For one animal, oldest first.
    """
    found: dict[str, Release] = {}
    for release in releases:
        for name in VALUES:
            value = getattr(release, name)
            before = getattr(found[name], name) if name in found else None
            if value is not None and value != before:
                found[name] = release
    return found


def administration_of(
    releases: Iterable[Release], zone: tzinfo
) -> Administration | None:
    """Return what was released as a source; None where nothing was.

    Parameters
    ----------
    releases : iterable of Release
        For one animal, oldest first.
    zone : tzinfo
        In which instants are told.
    """
    found = in_force(releases)
    if not found:
        return None
    values = {name: getattr(release, name) for name, release in found.items()}
    activity = values.get("activity_bq")
    givers = sorted({(release.at, release.who) for release in found.values()})
    said = (f"{who} at {at.astimezone(zone):%Y-%m-%d %H:%M}" for at, who in givers)
    return Administration(
        source=Source.RELEASE,
        origin=f"release by {' and by '.join(said)}",
        weight_g=values.get("weight_g"),
        activity=None if activity is None else Assay(activity),
        injected_at=values.get("injected_at"),
    )


def for_whom(release: Release) -> str:
    """Return for which animal values were released; empty where there is one."""
    return f" for animal {release.animal_id}" if release.animal_id else ""


def told_values(release: Release) -> dict[str, str]:
    """Return what was released in words, by the name of the value."""
    zone = release.at.tzinfo
    return {
        name: told_value(name, value, zone)
        for name in VALUES
        if (value := getattr(release, name)) is not None
    }


def told_value(name: str, value: Value, zone: tzinfo | None) -> str:
    """Return a value that can be released in words."""
    if isinstance(value, datetime):
        return f"injected at {value.astimezone(zone).isoformat(timespec='seconds')}"
    number = value or 0.0
    if name == "weight_g":
        return f"weight {number:g} g"
    return f"activity {number / _BQ_PER_MBQ:g} MBq"
