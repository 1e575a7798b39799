"""The CT that pictures show behind the PET.

Design choice: no number depends on this CT, so that it is no part of a job's key: a CT
that comes after PET and contours changes what a page looks like and nothing that was
measured, and must not make a revision of a report. Of which objects it consists is
settled when the job is queued and stands in the job (`node.case.commission`), so that
computing it again gives the same bytes.

Design choice: whatever is wrong with it costs the picture its background, with a
statement on the page, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dicom_io.ct_planes import CtPlanes, CtSlice, read_ct_planes
from dicom_io.errors import DicomContentError
from dicom_io.header import InstanceHeader
from dicom_io.pet.series import PetSeries
from dicom_io.source_reference import SourceReference
from model.affine import IDENTITY, Affine
from model.display_planes import Lattice
from node.case.joined_frames import joined_frame
from node.case.joining import Joins
from node.readiness.bridges import Chain
from node.records.cases import Background, Case

_NOT_SHOWN = "The CT of the study is not shown behind the PET: {}."
_APART = "its frame of reference is not the PET's, and nothing stored joins them"


@dataclass(frozen=True)
class CtBehind:
    """A CT, and how it comes to lie behind the PET.

    Attributes
    ----------
    slices : tuple of CtSlice
    images : tuple of SourceReference
        The same, as other objects refer to them.
    frame_of_reference : str or None
        That the CT itself names.
    to_ct : Affine
        From the PET's coordinates to the CT's.
    fault : str
        Why it cannot be shown, where that is known already; else empty.
    """

    slices: tuple[CtSlice, ...] = ()
    to_ct: Affine = IDENTITY
    fault: str = ""
    images: tuple[SourceReference, ...] = ()
    frame_of_reference: str | None = None

    def planes(self, lattices: Sequence[Lattice]) -> CtPlanes:
        """Return the CT on planes of the PET; none, with why, where that cannot be."""
        if self.fault:
            return _none(self.fault)
        try:
            return read_ct_planes(self.slices, lattices, self.to_ct)
        except DicomContentError as error:
            where = f" ({error.uid})" if error.uid else ""
            return _none(f"{error.fact}{where}")
        except OSError as error:
            return _none(f"a slice cannot be read ({error.strerror})")


def ct_behind(case: Case, joins: Joins, pet: PetSeries) -> CtBehind | None:
    """Return the CT that is shown behind the PET of a case; None where there is none.

    Parameters
    ----------
    case : Case
    joins : Joins
        Of the case's contours.
    pet : PetSeries
        Of the case.
    """
    behind = case.background
    if behind is None:
        return None
    if not behind.ct:
        return CtBehind(fault="it is not stored any more as it was")
    slices = tuple(
        CtSlice(each.path, each.header.sop_instance_uid, each.header.plane)
        for each in behind.ct
    )
    found = CtBehind(
        slices,
        images=tuple(_reference(each.header) for each in behind.ct),
        frame_of_reference=behind.ct[0].header.frame_of_reference_uid,
    )
    to_pet = _to_pet(behind, joins, pet)
    if not isinstance(to_pet, Affine):
        return replace(found, fault=to_pet)
    return replace(found, to_ct=to_pet.inverse())


def _reference(header: InstanceHeader) -> SourceReference:
    return SourceReference(
        header.sop_class_uid,
        header.sop_instance_uid,
        header.study_instance_uid,
        header.series_instance_uid,
    )


def _to_pet(behind: Background, joins: Joins, pet: PetSeries) -> Affine | str:
    """Return the way from the CT's coordinates to the PET's, or why there is none."""
    frame = behind.ct[0].header.frame_of_reference_uid
    grid = pet.volume.grid
    if behind.co_registered or frame is None or frame == grid.frame_of_reference:
        return IDENTITY
    chain = Chain(behind.registrations, behind.frames_of_images)
    found = joins.affines.get(frame) or joined_frame(grid, frame, chain)
    if isinstance(found, Affine):
        return found
    if isinstance(found, DicomContentError):
        return found.fact
    return _APART if found is None else str(found)


def _none(why: str) -> CtPlanes:
    return CtPlanes(statements=(_NOT_SHOWN.format(why),))
