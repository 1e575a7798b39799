"""Which CT series contours are applied to, for its features."""

from collections.abc import Sequence

from dicom_io.errors import DicomContentError
from node.records import StoredInstance
from node.stacks import Stack, overlaps


def ct_of(source: StoredInstance, stacks: Sequence[Stack]) -> Stack:
    """Return the CT series that contours name, else the one in their frame and place.

    Parameters
    ----------
    source : StoredInstance
        Structure set or segmentation.
    stacks : sequence of Stack
        Of CT.

    Raises
    ------
    NoCtError
        When none fits, or several do.
    """
    drawn_on = source.header.drawn_on
    if drawn_on is None:
        raise NoCtError(source.header.sop_instance_uid, 0)
    fitting = [stack for stack in stacks if stack.series_uid in drawn_on.series]
    if not fitting:
        fitting = [
            stack
            for stack in stacks
            if stack.frame in drawn_on.frames_of_reference
            and drawn_on.low_mm is not None
            and drawn_on.high_mm is not None
            and overlaps(stack, drawn_on.low_mm, drawn_on.high_mm)
        ]
    if len(fitting) != 1:
        raise NoCtError(source.header.sop_instance_uid, len(fitting))
    return fitting[0]


class NoCtError(DicomContentError):
    """No CT series, or more than one, fits the contours."""

    reason = "no_ct"
    remedy = "Name a folder with the CT on which the contours were drawn, and no other."

    def __init__(self, sop_instance_uid: str, fitting: int) -> None:
        super().__init__(
            f"{fitting} CT series fit the contours by reference, or by frame of "
            "reference and place",
            uid=sop_instance_uid,
        )
        self.fitting = fitting
