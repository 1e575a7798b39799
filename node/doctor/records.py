"""The ledger and the injection log: whether they can be read."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from config.refusal import RefusalError
from config.schema import Settings
from node.data_folder import open_ledger
from node.doctor.finding import Finding, doubtful, ill, well
from node.injection_log.log import UnreadableLogError, read_injection_log
from node.ledger import LedgerUnavailableError
from node.records.states import StudyState

_ALARMING = (StudyState.FAILED, StudyState.HELD)


def examine_ledger(settings: Settings) -> tuple[list[Finding], datetime | None]:
    """Return what there is to say of the ledger, and when its last event was."""
    folder = settings.node.data_folder
    if not settings.ledger.url and not (folder / "ledger.sqlite").is_file():
        return [well("ledger", "there is none yet; the node makes it")], None
    try:
        with open_ledger(settings) as ledger:
            last = ledger.events(limit=1)
            counts = ledger.count_studies(_ALARMING)
            lost = _without_destination(settings, ledger.pending_destinations())
    except (RefusalError, LedgerUnavailableError) as failure:
        remedy = "See that the database runs and that ledger.url is right."
        return [ill("ledger", str(failure), remedy)], None
    found = [well("ledger", "it can be read and written")]
    for state, count in counts.items():
        if count:
            fact = f"{count} studies are {state}"
            remedy = f"exhaustion-node studies --state {state} tells why."
            found.append(doubtful("ledger", fact, remedy))
    return [*found, *lost], last[0].at if last else None


def examine_injection_log(settings: Settings) -> Iterator[Finding]:
    """Yield whether the injection log can be read, if there is one."""
    path = settings.injection_log.path
    if path is None:
        return
    try:
        log = read_injection_log(path, ZoneInfo(settings.node.timezone))
    except UnreadableLogError as trouble:
        remedy = "Studies are held until it can be read: check path and permissions."
        yield ill("injection log", str(trouble), remedy)
        return
    mistakes = [*log.mistakes, *(each for row in log.rows for each in row.mistakes)]
    if mistakes:
        fact = f"{len(mistakes)} mistakes in {path}"
        remedy = "exhaustion-node check-config lists them."
        yield doubtful("injection log", fact, remedy)
    else:
        yield well("injection log", f"{path}: {len(log.rows)} rows")


def _without_destination(
    settings: Settings, pending: dict[str, int]
) -> Iterator[Finding]:
    known = {destination.name for destination in settings.destinations}
    for name, count in pending.items():
        if name not in known:
            fact = f"{count} objects wait for {name}, which is not configured"
            remedy = "Name the destination again, or have the objects sent elsewhere."
            yield doubtful("ledger", fact, remedy)
