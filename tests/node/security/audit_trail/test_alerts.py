"""Promises of `node.security.audit_trail.alerts`: which refusals are an alarm."""

from datetime import UTC, datetime

import pytest

from node.records.refused import KeptRefusal, Refusal
from node.security.audit_trail.alerts import alert_of
from node.security.audit_trail.events import AlertKind

_AT = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("TLS", AlertKind.NODE_AUTHENTICATION),
        ("RJ 1/1/3", AlertKind.RESTRICTED_FUNCTION),
        ("RJ 1/1/7", AlertKind.RESTRICTED_FUNCTION),
        ("", AlertKind.RESTRICTED_FUNCTION),
    ],
)
def test_who_is_not_let_in_is_an_alarm(status: str, kind: AlertKind) -> None:
    refusal = Refusal("STRANGER", "203.0.113.9", status, "why")

    alert = alert_of(KeptRefusal(refusal, _AT))

    assert alert is not None
    assert (alert.kind, alert.words, alert.at) == (kind, "why", _AT)
    assert (alert.party.ae_title, alert.party.address) == ("STRANGER", "203.0.113.9")


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("PACS", "10.0.0.1", "RJ 2/3/2", "too many"),
        Refusal("PACS", "10.0.0.1", "C002", "too large", "1.2", "1.2.3"),
    ],
)
def test_a_fault_without_harm_is_none(refusal: Refusal) -> None:
    assert alert_of(KeptRefusal(refusal, _AT)) is None
