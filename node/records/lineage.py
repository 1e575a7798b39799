"""Where a structure set or segmentation stands among those that revise each other."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lineage:
    """The line of revisions in which a structure set or segmentation stands.

    Attributes
    ----------
    series : tuple of str
        Series Instance UIDs of all contours of the line in the order of receipt. The
        first one names the line; none where it is that of the contours themselves.
    passed_over : tuple of str
        SOP Instance UIDs of those whose place it takes.
    statements : tuple of str
        Which these are, and why.
    """

    series: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
