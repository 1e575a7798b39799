"""Authorities and certificates for tests; made in a millisecond, and of no worth."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from node.security.tls import TlsOptions

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


class Authority:
    """Issues certificates; its own is self-signed.

    Parameters
    ----------
    folder : Path
        For all files.
    name : str
    """

    def __init__(self, folder: Path, name: str = "authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(self._name, self._name, self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 400 * _DAY)
            .not_valid_after(now + 3650 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate = folder / f"{name}.crt"
        self.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))

    def issue(
        self,
        name: str,
        *,
        host: str = "127.0.0.1",
        ends_in_days: float = 365.0,
        password: str = "",
    ) -> Identity:
        """Return a certificate for client and server, begun 399 days ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        address = x509.IPAddress(ipaddress.ip_address(host))
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        certificate = (
            x509.CertificateBuilder(self._name, _name(name), key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 399 * _DAY)
            .not_valid_after(now + ends_in_days * _DAY)
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        encryption: KeySerializationEncryption = NoEncryption()
        if password:
            encryption = BestAvailableEncryption(password.encode())
        made = Identity(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        made.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        made.key.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        )
        made.key.chmod(0o600)
        return made

    def options(self, name: str, **changes: object) -> TlsOptions:
        """Return TLS with a new certificate, which believes this authority."""
        made = self.issue(name)
        values: dict[str, object] = {
            "certificate": made.certificate,
            "key": made.key,
            "ca": self.certificate,
        }
        return TlsOptions(**(values | changes))  # type: ignore[arg-type]


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Imaging core"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
