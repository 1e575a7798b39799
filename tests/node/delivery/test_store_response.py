"""Promises of `node.delivery.store_response`: an object is stored when it is named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.delivery.store_response import NoStoreResponseError, stored_instances
from node.records.outcome import Deferred, Delivered, FailureKind, Outcome, Refused

JSON = "application/dicom+json"
REFERENCED, FAILED = "00081199", "00081198"
NAMESPACE = "http://dicom.nema.org/PS3.19/models/NativeDICOM"


def item(uid: str, **more: int) -> dict[str, Any]:
    found: dict[str, Any] = {"00081155": {"vr": "UI", "Value": [uid]}}
    for tag, value in more.items():
        found[tag.removeprefix("t")] = {"vr": "US", "Value": [value]}
    return found


def response(**sequences: list[dict[str, Any]]) -> bytes:
    names = {"stored": REFERENCED, "failed": FAILED}
    return json.dumps(
        {names[name]: {"vr": "SQ", "Value": items} for name, items in sequences.items()}
    ).encode()


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (response(stored=[item("1.2")]), Delivered("0000")),
        (
            response(stored=[item("1.2", t00081196=0xB000)]),
            Delivered("B000 Coercion of Data Elements"),
        ),
        (
            response(failed=[item("1.2", t00081197=0xC000)]),
            Refused("C000 Cannot Understand"),
        ),
        (
            response(failed=[item("1.2", t00081197=0xA700)]),
            Deferred("A700 Refused: Out of Resources", FailureKind.OUT_OF_RESOURCES),
        ),
        # The archive has the object already.
        (
            response(failed=[item("1.2", t00081197=0x0111)]),
            Delivered("0111 Duplication SOP Instance"),
        ),
        # No reason, or one that cannot be: a failure all the same.
        (
            response(failed=[item("1.2")]),
            Deferred("0110 Processing Failure", FailureKind.OUT_OF_RESOURCES),
        ),
        (
            response(failed=[item("1.2", t00081197=0)]),
            Deferred("0110 Processing Failure", FailureKind.OUT_OF_RESOURCES),
        ),
        # Named as both: not believed.
        (
            response(stored=[item("1.2")], failed=[item("1.2", t00081197=0xC000)]),
            Refused("C000 Cannot Understand"),
        ),
    ],
)
def test_each_object_has_what_is_said_of_it(content: bytes, outcome: Outcome) -> None:
    assert stored_instances(content, JSON + "; charset=utf-8") == {"1.2": outcome}
    as_list = b"[" + content + b"]"
    assert stored_instances(as_list, "application/json") == {"1.2": outcome}


def test_the_xml_form_says_the_same() -> None:
    content = f"""<?xml version="1.0"?><NativeDicomModel xmlns="{NAMESPACE}">
      <DicomAttribute tag="00081199" vr="SQ" keyword="ReferencedSOPSequence">
        <Item number="1"><DicomAttribute tag="00081155" vr="UI">
          <Value number="1">1.2</Value></DicomAttribute></Item></DicomAttribute>
      <DicomAttribute tag="00081198" vr="SQ" keyword="FailedSOPSequence">
        <Item number="1"><DicomAttribute tag="00081155" vr="UI">
          <Value number="1">1.3</Value></DicomAttribute>
          <DicomAttribute tag="00081197" vr="US">
          <Value number="1">290</Value></DicomAttribute></Item></DicomAttribute>
    </NativeDicomModel>"""

    found = stored_instances(content.encode(), "application/dicom+xml")

    assert found["1.2"] == Delivered("0000")
    assert found["1.3"] == Refused("0122 Refused: SOP Class Not Supported")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html>please log in</html>", "text/html"),
        (b"", JSON),
        (b"[]", JSON),
        (b"5", JSON),
        (b"[" * 100_000, JSON),
        (b"1" * 100_000, JSON),
        (b"{\xff", JSON),
        (response(stored=[item("1.2")]), ""),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', "application/dicom+xml"),
        ("<!DOCTYPE x []><x/>".encode("utf-16"), "application/dicom+xml"),
        (b"<x", "application/dicom+xml"),
    ],
)
def test_what_is_no_store_response_stores_nothing(content: bytes, kind: str) -> None:
    with pytest.raises(NoStoreResponseError):
        stored_instances(content, kind)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([REFERENCED, FAILED, "Value", "00081155", "00081197"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_any_json_is_read_or_refused_in_our_words(document: Any) -> None:
    try:
        found = stored_instances(json.dumps(document).encode(), JSON)
    except NoStoreResponseError:
        return
    assert "" not in found
