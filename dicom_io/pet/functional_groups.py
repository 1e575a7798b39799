"""What a multi-frame image says of each of its frames (PS3.3 C.7.6.16).

Design choice: a macro of the frame wins over the shared one. The standard forbids both;
where a writer left both, the frame's own is about the frame.
"""

from pydicom.dataset import Dataset

from dicom_io.attributes import (
    MissingAttributeError,
    items,
    name_of,
    required_whole,
    uid_of,
)
from dicom_io.errors import DicomContentError

_SHARED = "SharedFunctionalGroupsSequence"
_PER_FRAME = "PerFrameFunctionalGroupsSequence"


class FunctionalGroups:
    """The functional groups of an image, by frame.

    Parameters
    ----------
    dataset : Dataset
        A multi-frame image.

    Raises
    ------
    FrameCountError
        When there are not as many items as frames.
    MissingAttributeError
        When there are none.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._frames = items(dataset, _PER_FRAME)
        if not self._frames:
            raise MissingAttributeError(dataset, _PER_FRAME)
        declared = required_whole(dataset, "NumberOfFrames")
        if declared != len(self._frames):
            raise FrameCountError(dataset, declared, len(self._frames))
        self._shared = items(dataset, _SHARED)

    def __len__(self) -> int:
        return len(self._frames)

    def macro_items(self, frame: int, keyword: str) -> tuple[Dataset, ...]:
        """Return the items of a macro that holds for a frame; empty without one.

        Parameters
        ----------
        frame : int
            From 0.
        keyword : str
            Of the macro's sequence.
        """
        own = items(self._frames[frame], keyword)
        if own:
            return own
        return tuple(item for group in self._shared for item in items(group, keyword))

    def macro(self, frame: int, keyword: str) -> Dataset | None:
        """Return the only item of a macro; None where there is none.

        Raises
        ------
        SeveralItemsError
            When there are several, and nobody knows which one holds.
        """
        found = self.macro_items(frame, keyword)
        if len(found) > 1:
            raise SeveralItemsError(self._dataset, keyword, frame + 1)
        return found[0] if found else None

    def of_frame(self, frame: int, keyword: str) -> Dataset | None:
        """Return the first item of a macro of the frame alone; None without one."""
        return next(iter(items(self._frames[frame], keyword)), None)

    def shared(self, keyword: str) -> Dataset | None:
        """Return the first item of a macro of all frames; None without one."""
        found = [item for group in self._shared for item in items(group, keyword)]
        return found[0] if found else None


class FrameCountError(DicomContentError):
    """An image does not describe as many frames as it has."""

    def __init__(self, dataset: Dataset, declared: int, described: int) -> None:
        super().__init__(
            f"{declared} frames are declared and {described} are described",
            attribute=name_of("NumberOfFrames"),
            uid=uid_of(dataset),
        )


class SeveralItemsError(DicomContentError):
    """A macro says several things of one frame."""

    remedy = "Correct the object at its source, or export single-frame images."

    def __init__(self, dataset: Dataset, keyword: str, number: int) -> None:
        super().__init__(
            f"frame {number} has several items where one belongs",
            attribute=name_of(keyword),
            uid=uid_of(dataset),
        )
