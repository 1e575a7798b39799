"""Events: every change of a state, in words, for people."""

from datetime import datetime

from sqlalchemy import Connection, insert

from node.tables import EVENTS


def record_event(
    connection: Connection,
    at: datetime,
    kind: str,
    study_instance_uid: str | None,
    text: str,
) -> None:
    """Write down what happened, in the transaction in which it happens.

    Parameters
    ----------
    connection : Connection
    at : datetime
    kind : str
        ``object``, ``study``, ``job``, ``delivery``, ``commitment``, ``release`` or
        ``log`` (the injection log), among others.
    study_instance_uid : str or None
    text : str
        Without names of persons.
    """
    told = {
        "at": at,
        "kind": kind,
        "study_instance_uid": study_instance_uid,
        "text": text,
    }
    connection.execute(_TELL, told)


_TELL = insert(EVENTS)
