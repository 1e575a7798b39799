"""A DIMSE service beside storage and verification, as the listener takes it.

Design choice: a service is a value. The listener knows neither storage commitment nor
who may call; whoever does hands over what is to be accepted and who answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pynetdicom.events import EventType


@dataclass(frozen=True)
class Service:
    """What is accepted, and who answers.

    Attributes
    ----------
    handlers : tuple of (event, callable)
        pynetdicom's events, each with its handler. At most one handler of an
        intervention event (one that answers) over all services.
    sop_classes : tuple of str
        UIDs that are accepted in the uncompressed transfer syntaxes.
    both_roles : bool
        Whether a requestor may take the SCP's role as well: an archive that answers a
        commitment request on an association of its own does (PS3.4 J.3.3, PS3.7
        D.3.3.4).
    """

    handlers: tuple[tuple[EventType, Callable[..., Any]], ...] = ()
    sop_classes: tuple[str, ...] = ()
    both_roles: bool = False
