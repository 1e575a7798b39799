"""Why there is no TLS connection, in words that name who must change what."""

import ssl

_CLOSED = "it closes the connection in the TLS handshake; it may speak no TLS"
_NO_TLS = "it speaks no TLS on this port"
_NOTHING_SHARED = "it agrees to no TLS 1.2 or newer with a cipher suite of BCP 195"
_NOTHING_SHARED_OR_SHOWN = (
    "it refuses the handshake: it wants a certificate of ours (tls.certificate_file), "
    "or knows no cipher suite of BCP 195"
)
_OURS_EXPIRED = "it refuses our certificate, which has expired (tls.certificate_file)"
_OURS_WANTED = "it asks for a certificate of ours (tls.certificate_file)"
_OURS_REFUSED = "it does not believe our certificate (tls.certificate_file)"
_OTHER_NAME = "its certificate names another host (tls.verify_host)"
_UNKNOWN = "its certificate is of an authority that is not believed (tls.ca_file)"

_REASONS = (
    ("WRONG_VERSION_NUMBER", _NO_TLS),
    ("HTTP_REQUEST", _NO_TLS),
    ("UNKNOWN_PROTOCOL", _NO_TLS),
    ("PACKET_LENGTH_TOO_LONG", _NO_TLS),
    ("RECORD_LAYER_FAILURE", _NO_TLS),
    ("HANDSHAKE_FAILURE", _NOTHING_SHARED_OR_SHOWN),
    ("PROTOCOL_VERSION", _NOTHING_SHARED),
    ("UNSUPPORTED_PROTOCOL", _NOTHING_SHARED),
    ("NO_SHARED_CIPHER", _NOTHING_SHARED),
    ("INSUFFICIENT_SECURITY", _NOTHING_SHARED),
    ("NO_PROTOCOLS_AVAILABLE", _NOTHING_SHARED),
    ("WRONG_SSL_VERSION", _NOTHING_SHARED),
    ("CERTIFICATE_EXPIRED", _OURS_EXPIRED),
    ("CERTIFICATE_REQUIRED", _OURS_WANTED),
    ("UNKNOWN_CA", _OURS_REFUSED),
    ("ACCESS_DENIED", _OURS_REFUSED),
    ("DECRYPT_ERROR", _OURS_REFUSED),
    ("CERTIFICATE", _OURS_REFUSED),
)
"""Parts of OpenSSL's reasons, the first that fits: what a peer sends as an alert has
its name in them."""

_VERIFICATION = {
    # Of an authority whose name we know, and whose key is another.
    7: _UNKNOWN,
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: _UNKNOWN,
    19: _UNKNOWN,
    20: _UNKNOWN,
    21: _UNKNOWN,
    23: "its certificate was revoked",
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
"""By the code of OpenSSL's verification (x509_vfy.h)."""


def tls_fault(failure: ssl.SSLError) -> str:
    """Return what is wrong between us and a peer, beginning with what is the peer's.

    Parameters
    ----------
    failure : ssl.SSLError
        Of a handshake, or of the first read after it: with TLS 1.3 a peer says only
        then that it does not believe our certificate.
    """
    if isinstance(failure, ssl.SSLCertVerificationError):
        otherwise = f"its certificate is not believed: {failure.verify_message}"
        return _VERIFICATION.get(failure.verify_code, otherwise)
    if isinstance(failure, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _CLOSED
    reason = failure.reason or ""
    for part, words in _REASONS:
        if part in reason:
            return words
    return f"TLS fails: {reason.replace('_', ' ').lower() or 'no reason is given'}"
