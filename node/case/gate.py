"""Whether an object of a result may be sent.

Design choice: an object is judged before it is written, by the rules of
`dicom_io.results.gate`, which always hold, and by dciodvfy where that is wanted and
there. What dciodvfy has against the source itself, in the same attribute, is carried
over and no fault.

Design choice: dciodvfy is a process of its own, and judges while these rules do.

Design choice: of a series of images the first is judged. The others are encoded after
its pattern.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from dicom_io.results.gate.fault import Origin
from dicom_io.results.gate.judging import faults_of
from model.score.score_model import Calibration
from node.case.external_check import ExternalCheck, beyond
from node.case.objects.findings import Findings
from node.case.objects.made import Made
from node.case.options import CaseOptions
from node.records.kinds import ResultKind

_UNKNOWN_OUTSIDE = frozenset({ResultKind.BLENDING})
"""What dciodvfy, of 2022, knows in part only: it has no colours, windows and frame of
reference in an Advanced Blending Presentation State, and reports each as a fault."""
_MOST = 5
"""Faults of one object that are named; more of them say no more."""


class Gate:
    """Judges the objects of one result.

    Parameters
    ----------
    origin : Origin
        What they were made from.
    external : ExternalCheck or None
        Asked too.
    source : callable
        Returns the bytes of an image of the PET; called only when there is something
        to compare.
    """

    def __init__(
        self,
        origin: Origin,
        external: ExternalCheck | None = None,
        source: Callable[[], bytes] = lambda: b"",
    ) -> None:
        self._origin = origin
        self._external = external
        self._source = source

    def check(self, made: Made) -> tuple[str, ...]:
        """Return what is wrong with an object, in words; nothing when it may be sent.

        Parameters
        ----------
        made : Made
        """
        if made.dataset is None:
            return ()
        with ThreadPoolExecutor(1) as beside:
            outside = beside.submit(self._from_outside, made)
            faults = [fault.words for fault in faults_of(made.dataset, self._origin)]
            faults += outside.result()
        if len(faults) > _MOST:
            more = f"{made.name}: {len(faults) - _MOST} more faults"
            return (*faults[:_MOST], more)
        return tuple(faults)

    def _from_outside(self, made: Made) -> list[str]:
        if self._external is None or made.kind in _UNKNOWN_OUTSIDE:
            return []
        said = self._external.complaints(made.content)
        # Without the source's own, none could be told from what was carried over.
        of_source = self._of_source if said else None
        counted = () if not said or of_source is None else beyond(said, of_source)
        return [f"{made.name} {made.sop_instance_uid}: dciodvfy: {x}" for x in counted]

    @cached_property
    def _of_source(self) -> tuple[str, ...] | None:
        content = self._source()
        if self._external is None or not content:
            return ()
        return self._external.complaints(content)


def gate_of(findings: Findings, options: CaseOptions, pet: Path) -> Gate:
    """Return the gate for the objects of a case.

    Parameters
    ----------
    findings : Findings
    options : CaseOptions
    pet : Path
        An image of the PET.
    """
    series = findings.image.series
    origin = Origin(
        header=series.headers[0],
        images=frozenset(
            each.sop_instance_uid
            for each in (*series.instances, *series.averaged_instances)
        ),
        shape=series.volume.grid.shape,
        uncalibrated=any(
            found.score_model.calibration is Calibration.NONE
            for found in findings.assessments
        ),
        subject=findings.subject,
        uid_root=f"{options.objects.uid_root}.",
    )
    program = options.external_check
    external = None if program is None else ExternalCheck(program)
    return Gate(origin, external, pet.read_bytes)
