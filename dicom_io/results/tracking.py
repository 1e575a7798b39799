"""What ties the regions of one tumour together over time (PS3.16 TID 4108).

Design choice: a tracking UID follows from the animal, the region's name and the site's
UID root, and not from the job, so that one tumour keeps its identity over time points
and revisions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dicom_io.stamp import derived_uid
from model.contours import Roi


@dataclass(frozen=True)
class Tracking:
    """What one region is called at every time point (PS3.16 TID 4108).

    Attributes
    ----------
    identifier : str
        For people.
    uid : str
    """

    identifier: str
    uid: str


def track(animal: str, rois: Sequence[Roi], uid_root: str) -> list[Tracking]:
    """Return what each region is called, regions of one name told apart by number.

    Parameters
    ----------
    animal : str
        What ties its time points together.
    rois : sequence of Roi
        Of one report.
    uid_root : str
        As in `dicom_io.stamp.ObjectIdentity`.
    """
    count = Counter(_name(roi) for roi in rois)
    tracked = []
    for roi in rois:
        name = _name(roi)
        if count[name] > 1:
            name = f"{name} ({roi.number})"
        tracked.append(Tracking(name, derived_uid(uid_root, "tracking", animal, name)))
    return tracked


def _name(roi: Roi) -> str:
    return roi.name.strip() or f"ROI {roi.number}"
