"""How the node speaks to its log: a line an event, as text or as JSON."""

import json
import logging
import warnings
from datetime import UTC, datetime

_FOREIGN = ("pynetdicom", "apscheduler", "radiomics", "alembic", "urllib3")
"""Libraries that tell more than an operator wants, patient data included."""
_QUOTING = ("dicomweb_client", "retrying")
"""Libraries whose warnings are a server's words, or a traceback of what we handle."""


_DECODING = frozenset({"pynetdicom.utils", "pynetdicom.dimse"})
"""Log a traceback of whatever a peer sent that cannot be decoded."""
_LONGEST = 500


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `at`, `level`, `logger`, `message`, `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def start_logging(level: str, style: str) -> None:
    """Send the log to standard error.

    Parameters
    ----------
    level : str
        ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``.
    style : str
        ``text`` or ``json``.
    """
    handler = logging.StreamHandler()
    if style == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        )
    handler.addFilter(tamed)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    hush_pydicom()
    for name in _FOREIGN:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _QUOTING:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def tamed(record: logging.LogRecord) -> bool:
    """Take the sting out of what libraries quote of peers; let every record pass.

    A control character in an AE title could forge lines, or steer a terminal.
    """
    if record.name.startswith(_FOREIGN):
        words = record.getMessage()[:_LONGEST]
        plain = (c if c.isprintable() else repr(c)[1:-1] for c in words)
        record.msg, record.args = "".join(plain), ()
        if record.name in _DECODING:
            record.exc_info = None
    return True


def hush_pydicom() -> None:
    """Keep to itself what pydicom says of values: it quotes them, and they name people.

    What matters of a value, our readers refuse in their own words.
    """
    warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom(\.|$)")
    logging.getLogger("pydicom").propagate = False
