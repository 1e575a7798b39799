"""From settings to TLS: our certificate, and whom we believe."""

from config.schema import Settings
from node.security.tls import TlsOptions


def tls_options(settings: Settings) -> TlsOptions:
    """Return our certificate, and whom we believe."""
    tls = settings.tls
    return TlsOptions(
        certificate=tls.certificate_file,
        key=tls.key_file,
        key_password_file=tls.key_password_file,
        ca=tls.ca_file,
        require_peer_certificate=tls.require_peer_certificate,
        verify_host=tls.verify_host,
    )
