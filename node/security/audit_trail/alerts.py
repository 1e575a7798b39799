"""Which refusals alarm an audit repository, and as what."""

from node.records.refused import KeptRefusal
from node.security.audit_trail.events import Alert, AlertKind, Party


def alert_of(kept: KeptRefusal) -> Alert | None:
    """Return what a repository is told of a refusal; None when it is no alarm.

    An object that is too large or broken is a fault of its sender, and no attempt to
    get in; nor is an association that was too many for the moment.

    Parameters
    ----------
    kept : KeptRefusal
    """
    refusal = kept.refusal
    if refusal.sop_instance_uid or refusal.status.startswith("RJ 2/"):
        return None
    kind = AlertKind.RESTRICTED_FUNCTION
    if refusal.status == "TLS":
        kind = AlertKind.NODE_AUTHENTICATION
    who = Party(refusal.calling_ae, refusal.address, is_requestor=True)
    return Alert(kept.at, kind, who, refusal.why)
