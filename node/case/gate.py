"""Whether an object of a result may be sent.

Design choice: an object is judged by its bytes while these are written, by the rules of
`dicom_io.results.gate`, which always hold, and by dciodvfy where that is wanted and
there. Nothing is sent of what was not judged. What dciodvfy has against the source
itself, in the same attribute, is carried over and no fault.

Design choice: dciodvfy is a process of its own, and judges while these rules do. Once
it was not heard it is not asked again for the same result: one that hangs costs ten
seconds of a study and not of each of its objects. The result is judged by our rules
then, and says so.

Design choice: of a series of images the first is judged. The others are encoded after
its pattern.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from dicom_io.results.gate.fault import Origin
from dicom_io.results.gate.judging import faults_of
from model.score.score_model import Calibration
from node.case.external_check import Answer, ExternalCheck, UnheardError, beyond
from node.case.objects.findings import Findings
from node.case.objects.made import Made
from node.case.objects.maps import maps_are_whole
from node.case.options import CaseOptions
from node.records.kinds import ResultKind

_UNKNOWN_OUTSIDE = frozenset({ResultKind.BLENDING})
"""What dciodvfy, of 2022, knows in part only (`dicom_io.results.gate.blendings`)."""
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

    Attributes
    ----------
    unheard : str
        Why dciodvfy was not heard on all that it was asked, in words; empty when it
        was, or nobody asked it.
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
        self._said_of_source: tuple[str, ...] | None = None
        self.unheard = ""

    def check(self, made: Made) -> tuple[str, ...]:
        """Return what is wrong with an object, in words; nothing when it may be sent.

        Parameters
        ----------
        made : Made
        """
        if made.dataset is None:
            return ()
        with ExitStack() as stack:
            answer = self._asked(made, stack)
            faults = [fault.words for fault in faults_of(made.dataset, self._origin)]
            faults += self._counted(made, answer)
        if len(faults) > _MOST:
            more = f"{made.name}: {len(faults) - _MOST} more faults"
            return (*faults[:_MOST], more)
        return tuple(faults)

    def _asked(self, made: Made, stack: ExitStack) -> Answer | None:
        """Have dciodvfy judge an object; None where it is not asked."""
        external = self._external
        if external is None or self.unheard or made.kind in _UNKNOWN_OUTSIDE:
            return None
        try:
            return stack.enter_context(external.asked(made.content))
        except UnheardError as failure:
            self.unheard = str(failure)
            return None

    def _counted(self, made: Made, answer: Answer | None) -> list[str]:
        if answer is None or self._external is None:
            return []
        try:
            said = answer.complaints()
            # Without the source's own, none could be told from what was carried over.
            counted = beyond(said, self._of_source(self._external)) if said else ()
        except UnheardError as failure:
            self.unheard = str(failure)
            return []
        return [f"{made.name} {made.sop_instance_uid}: dciodvfy: {x}" for x in counted]

    def _of_source(self, external: ExternalCheck) -> tuple[str, ...]:
        if self._said_of_source is None:
            content = self._source()
            self._said_of_source = external.complaints(content) if content else ()
        return self._said_of_source


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
        whole_maps=maps_are_whole(findings),
    )
    program = options.external_check
    external = None if program is None else ExternalCheck(program)
    return Gate(origin, external, pet.read_bytes)
