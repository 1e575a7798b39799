"""Results among files: a report, any other object of a result, or a folder of them.

Design choice: objects belong together by the job key that each of them carries, and by
their study where an archive took that out. File names say nothing: an archive that
gives a result back gives it under names of its own.

Design choice: the numbers are the report's. A folder of result objects needs nothing
beside it, no ledger and no file of ours.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dicom_io.codes import IMAGING_MEASUREMENT_REPORT
from dicom_io.errors import DicomContentError
from dicom_io.limits import ReadingLimits
from dicom_io.part10 import is_part10, read_dataset
from dicom_io.results.report.report_reading import ReadReport, read_report
from dicom_io.results.result_header import ResultHeader, read_result_header
from node.case.objects.planned import SERIES_NUMBERS
from node.records.kinds import SOP_CLASSES, ResultKind
from node.showing.report_data import results_of_report
from node.showing.shown import NothingToShowError, ShownObject, ShownResult

REPORT_LIMITS = ReadingLimits(elements=500_000, object_bytes=64 << 20)
"""Far above what a report of all regions of a study takes."""

MOST_FILES = 100_000
"""Files of a folder that are looked at; more are no folder of results."""

_FIRST_SCORE_SERIES = SERIES_NUMBERS[ResultKind.SCORE_SERIES]
_FIRST_MAP = SERIES_NUMBERS[ResultKind.PARAMETRIC_MAP]


class _Found(NamedTuple):
    """An object of a result among files."""

    path: Path
    header: ResultHeader

    @property
    def result(self) -> tuple[str, str]:
        """What the objects of one result have in common."""
        return self.header.study_instance_uid, self.header.job_key

    @property
    def is_report(self) -> bool:
        """Whether it says of itself that it is a measurement report."""
        is_sr = self.header.sop_class_uid == SOP_CLASSES[ResultKind.REPORT]
        return is_sr and self.header.concept == IMAGING_MEASUREMENT_REPORT.value


def results_in(path: Path) -> tuple[ShownResult, ...]:
    """Return the results that a file belongs to, or that a folder holds.

    Parameters
    ----------
    path : Path
        A symbolic link means what it points to.

    Raises
    ------
    NothingToShowError
        When there is none, or no report of it, or it cannot be read.
    """
    if path.is_dir():
        found = _by_result(_objects(_files_below(path)))
        results = tuple(_shown(objects) for objects in found if _has_report(objects))
        if not results:
            fact = f"{path} holds no report of this software"
            raise NothingToShowError(fact)
        return results
    if not path.is_file():
        fact = f"{path} is no file and no folder"
        raise NothingToShowError(fact)
    own = _named(path)
    beside = (each for each in _objects(_files_in(path.parent)) if each.path != path)
    objects = [own, *(each for each in beside if each.result == own.result)]
    if not _has_report(objects):
        fact = (
            f"{path} belongs to a result whose report does not lie beside it: name "
            "the report, or `exhaustion-node show UID` where the node has made it"
        )
        raise NothingToShowError(fact)
    return (_shown(objects, named=own),)


def read_results(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the results that a report tells, as `node.showing.report_data` does.

    Raises
    ------
    NothingToShowError
        When it is no report of ours, or cannot be read.
    """
    return results_of_report(_read(path))


def _named(path: Path) -> _Found:
    """Return the object that a person named."""
    try:
        header = read_result_header(path)
    except (DicomContentError, OSError) as error:
        fact = f"{path} cannot be read: {_why(error)}"
        raise NothingToShowError(fact) from None
    if header is None:
        fact = f"{path} is no object of a result of this software"
        raise NothingToShowError(fact)
    return _Found(path, header)


def _files_below(folder: Path) -> Iterator[Path]:
    """Give the files of a folder and of those in it, in the order of their names."""
    for where, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(where, name) for name in sorted(names))


def _files_in(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.iterdir())
    except OSError as error:
        fact = f"{folder} cannot be read: {error.strerror}"
        raise NothingToShowError(fact) from None


def _objects(files: Iterable[Path]) -> Iterator[_Found]:
    """Give the objects of results among files; what cannot be read is none."""
    for count, path in enumerate(files):
        if count == MOST_FILES:
            fact = f"{path.parent} holds more than {MOST_FILES} files"
            raise NothingToShowError(fact)
        if not (path.is_file() and is_part10(path)):
            continue
        try:
            header = read_result_header(path)
        except (DicomContentError, OSError):
            continue
        if header is not None:
            yield _Found(path, header)


def _by_result(found: Iterable[_Found]) -> Iterable[list[_Found]]:
    together: dict[tuple[str, str], list[_Found]] = {}
    for each in found:
        together.setdefault(each.result, []).append(each)
    return together.values()


def _has_report(objects: list[_Found]) -> bool:
    return any(each.is_report for each in objects)


def _shown(objects: list[_Found], named: _Found | None = None) -> ShownResult:
    """Return a result, told by its report: the one that was named, or the first."""
    objects = sorted(objects, key=_order)
    reports = [each for each in objects if each.is_report]
    source = named if named is not None and named.is_report else reports[0]
    report = _read(source.path)
    remarks = () if report.completed else ("The report is partial: more was to come.",)
    return ShownResult(
        study_instance_uid=report.study_instance_uid,
        job_key=report.job_key,
        state="",
        results=results_of_report(report),
        held=(),
        objects=tuple(_object(each, reports) for each in objects),
        remarks=remarks,
    )


def _order(found: _Found) -> tuple[bool, int, int]:
    header = found.header
    return not found.is_report, header.series_number, header.instance_number


def _read(path: Path) -> ReadReport:
    try:
        return read_report(read_dataset(path, limits=REPORT_LIMITS))
    except (DicomContentError, OSError) as error:
        fact = f"{path} cannot be read: {_why(error)}"
        raise NothingToShowError(fact) from None


def _object(found: _Found, reports: list[_Found]) -> ShownObject:
    header = found.header
    offset = header.series_number - reports[0].header.series_number
    return ShownObject(
        _kind(header.sop_class_uid, offset),
        header.sop_class_uid,
        header.sop_instance_uid,
        found.path,
    )


def _kind(sop_class_uid: str, offset: int) -> ResultKind | None:
    """Return what an object of a SOP class is, by its series where it may be several.

    Parameters
    ----------
    sop_class_uid : str
    offset : int
        Of its series number from the report's.
    """
    kinds = [kind for kind, uid in SOP_CLASSES.items() if uid == sop_class_uid]
    if len(kinds) <= 1:
        return kinds[0] if kinds else None
    if _FIRST_SCORE_SERIES <= offset < _FIRST_MAP:
        offset = _FIRST_SCORE_SERIES
    by_series = (kind for kind in kinds if SERIES_NUMBERS[kind] == offset)
    return next(by_series, None)


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
