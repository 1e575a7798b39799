"""What is sought for a study, as commands show it."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from node.records.sought import Need, Retrieval
from node.records.states import RetrievalState

_STATES = {
    RetrievalState.WANTED: "sought",
    RetrievalState.CAME: "came",
    RetrievalState.GIVEN_UP: "given up",
}


def sought_data(retrievals: Iterable[Retrieval]) -> list[dict[str, Any]]:
    """Return what is and was sought, for the JSON of `study`."""
    return [
        {
            "what": retrieval.sought.words,
            "need": str(retrieval.sought.need),
            "level": retrieval.sought.level,
            "uids": list(retrieval.sought.uids),
            "state": str(retrieval.state),
            "since": retrieval.wanted_at.isoformat(),
            "attempts": retrieval.attempts,
            "due": (
                retrieval.due_at.isoformat()
                if retrieval.state is RetrievalState.WANTED
                else None
            ),
            "status": retrieval.status,
        }
        for retrieval in _shown(retrievals)
    ]


def sought_lines(retrievals: Iterable[Retrieval], zone: ZoneInfo) -> list[str]:
    """Return a line for each thing that is or was sought."""
    return [
        f"{_STATES[retrieval.state]:<8} since "
        f"{retrieval.wanted_at.astimezone(zone):%Y-%m-%d %H:%M:%S}: "
        + ": ".join(filter(None, [retrieval.sought.words, retrieval.status]))
        for retrieval in _shown(retrievals)
    ]


def _shown(retrievals: Iterable[Retrieval]) -> list[Retrieval]:
    return [each for each in retrievals if each.sought.need is not Need.FETCHED]
