"""Certificates, keys and secrets: there, fit, not near their end, and secret."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from config.schema import Settings
from node.doctor.finding import Finding, doubtful, ill, well
from node.options.security import secret_files
from node.options.tls import tls_options
from node.security.certificates import facts, open_to_others
from node.security.tls import TlsFileError, client_context, server_context

_SUBJECT = "certificates"
_SECRETS = "secrets"


def examine_trust(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield what there is to say of TLS and of the files that hold secrets.

    Parameters
    ----------
    settings : Settings
    now : datetime
    """
    try:
        yield from _certificates(settings, now)
    except TlsFileError as fault:
        place = "" if fault.path is None else f"{fault.path}: "
        yield ill(_SUBJECT, f"{place}{fault.why}", fault.remedy)
    yield from _secrets(settings)


def _certificates(settings: Settings, now: datetime) -> Iterator[Finding]:
    options = tls_options(settings)
    for fact in facts(options):
        trouble = fact.trouble(now, timedelta(days=settings.tls.expiry_warning_days))
        ends = f"{fact.subject} ({fact.source}) ends on {fact.ends_at:%Y-%m-%d}"
        remedy = "Have a new one issued, and start the node again."
        if not trouble:
            yield well(_SUBJECT, ends)
        elif fact.begins_at <= now < fact.ends_at:
            yield doubtful(_SUBJECT, trouble, remedy)
        else:
            yield ill(_SUBJECT, trouble, remedy)
    # What the node makes when it starts; a file that cannot serve is told by them.
    if settings.tls.listen:
        server_context(options)
    if _calls_over_tls(settings):
        client_context(options)


def _calls_over_tls(settings: Settings) -> bool:
    trail = settings.audit_trail
    return (
        any(each.tls or each.url.startswith("https") for each in settings.destinations)
        or any(each.tls for each in settings.peers)
        or (bool(trail.host) and trail.transport == "tls")
    )


def _secrets(settings: Settings) -> Iterator[Finding]:
    files = secret_files(settings)
    exposed = frozenset(open_to_others(files))
    for path in files:
        try:
            path.open("rb").close()
        except OSError as failure:
            why = (failure.strerror or str(failure)).lower()
            remedy = "Correct the path, or let the node's user read the file."
            yield ill(_SECRETS, f"{path} cannot be read: {why}", remedy)
            continue
        if path in exposed:
            fact = f"every user of this machine can read {path}"
            yield doubtful(_SECRETS, fact, f"Take that right away: chmod o= {path}")
        else:
            yield well(_SECRETS, f"{path} can be read by the node")
