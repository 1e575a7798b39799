"""Whom the certificate of a peer names."""

import socket
import ssl
from typing import Any, cast


def peer_subject(connection: socket.socket | None) -> str:
    """Return whom a peer's certificate names, as ``CN=...,O=...``; empty without one.

    Parameters
    ----------
    connection : socket.socket or None
        Of an association; a certificate that was not verified names nobody.
    """
    if not isinstance(connection, ssl.SSLSocket):
        return ""
    try:
        certificate = cast("dict[str, Any]", connection.getpeercert() or {})
    except (OSError, ValueError):
        return ""
    # As RFC 4514 writes it: the last one first.
    pairs = [pair for part in certificate.get("subject", ()) for pair in part]
    names = [f"{_SHORT.get(name, name)}={value}" for name, value in pairs]
    return ",".join(reversed(names))


def peer_certificate(connection: socket.socket | None) -> bytes:
    """Return a peer's verified certificate, DER; empty without one.

    Parameters
    ----------
    connection : socket.socket or None
        Of an association.
    """
    if not isinstance(connection, ssl.SSLSocket) or not peer_subject(connection):
        return b""
    try:
        return connection.getpeercert(binary_form=True) or b""
    except (OSError, ValueError):
        return b""


_SHORT = {
    "commonName": "CN",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "countryName": "C",
}
