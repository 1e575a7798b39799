"""Settings that keep strangers out and greed in bounds."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from config import values
from config.addresses import OptionalHost, Port
from config.table import Table
from config.values import Unit, Wanted

_File = Annotated[
    values.Folder | None, Unit("path"), Wanted("the path of a file in quotes")
]


class Tls(Table):
    """TLS for associations and HTTP: the node's certificate, and whom it believes."""

    listen: values.YesOrNo = False
    """Whether the node takes associations over TLS alone, by the profile of BCP 195
    (PS3.15 B.9): TLS 1.2 or newer, authenticated encryption with forward secrecy. False
    by default, as most scanners cannot; then only a closed network protects you."""
    certificate_file: _File = Field(default=None, examples=["/etc/node/node.crt"])
    """The node's certificate with its chain, PEM. Needed to listen, and by peers that
    ask for one."""
    key_file: _File = Field(default=None, examples=["/run/secrets/node.key"])
    """The private key of the certificate, PEM."""
    key_password_file: _File = Field(
        default=None, examples=["/run/secrets/node-key-password"]
    )
    """File that holds the password of the key, if it has one."""
    ca_file: _File = Field(default=None, examples=["/etc/node/ca.crt"])
    """Certificates of the authorities that peers are believed by, PEM. Not set: those
    that the operating system believes, which suits public servers alone."""
    require_peer_certificate: values.YesOrNo = True
    """Whether callers must show a certificate of `ca_file`. True: an AE title proves
    nothing, and encryption alone lets everyone in."""
    verify_host: values.YesOrNo = True
    """Whether an archive's certificate must name the host that is called. False only
    for archives whose certificate names no host; `ca_file` must then be your own."""
    expiry_warning_days: values.Days = 30
    """Days before its end from which a certificate is warned of each day."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if (self.key_file is None) != (self.certificate_file is None):
            code, fact = "key_pair", "certificate_file and key_file belong together"
            raise PydanticCustomError(code, fact)
        if self.listen and self.certificate_file is None:
            code, fact = "no_certificate", "to listen, certificate_file is needed"
            raise PydanticCustomError(code, fact)
        if self.listen and self.require_peer_certificate and self.ca_file is None:
            code, fact = "no_authority", "to know callers, ca_file is needed"
            raise PydanticCustomError(code, fact)
        return self


class Limits(Table):
    """What an object may demand; more is refused with a reason, and stops nothing."""

    object_mb: values.Megabytes = 2048
    """Largest object that is taken. A dynamic enhanced PET has some hundred
    megabytes."""
    elements: values.LargeCount = 2_000_000
    """Data elements in an object, sequences included. A structure set has a hundred
    thousand, an enhanced image some hundred for each frame."""
    nesting: values.Count = 32
    """Sequences within sequences. A measurement report has a dozen."""
    frames: values.LargeCount = 100_000
    """Frames in an object."""
    pixels_mb: values.Megabytes = 4096
    """Memory that the pixels of one object take once decompressed; it is worked out
    from the header before anything is decompressed."""
    idle_s: values.Seconds = 300.0
    """Time that an open association may pass without a message. Scanners leave theirs
    open between slices, rarely for minutes."""
    refusals_kept: values.LargeCount = 100_000
    """Refusals that the ledger remembers, the latest: a flood of them shall not fill
    the disk."""


class AuditTrail(Table):
    """Audit messages of PS3.15 A.5 to a repository, by syslog."""

    host: OptionalHost = Field(default="", examples=["audit.example.org"])
    """Where the audit repository listens. Empty: no messages; the ledger still keeps
    the same events."""
    port: Port = 6514
    """Its port: 6514 for TLS, 514 for UDP."""
    transport: Annotated[
        Literal["tls", "tcp", "udp"],
        values.LowerCase,
        Unit("choice"),
        Wanted('"tls", "tcp" or "udp"'),
    ] = "tls"
    """`tls` (RFC 5425) is private and notices a repository that is away; `tcp` notices
    too; `udp` (RFC 5426) does neither."""
    keep: values.LargeCount = 10_000
    """Messages that wait in memory while the repository is away; the oldest are given
    up then, which is logged and counted."""
