"""From an error to who must act: the one table.

::

    ConfigError                                  refuse to start
    DicomContentError, ModelError                hold the case, tell the technician
    StorageFullError and lost peers              transient: try again later
    anything else                                a defect of ours: keep everything,
                                                 raise the alarm
"""

from dataclasses import dataclass
from enum import StrEnum

from dicom_io.errors import DicomContentError
from model.errors import ModelError
from node.records.cases import Held


class Actor(StrEnum):
    """Who must act before a case can go on."""

    TECHNICIAN = "technician"
    """The study is at fault: complete it, correct it, or release it."""
    IT = "imaging-core IT"
    """The configuration, the disk or a peer is at fault."""
    DEVELOPERS = "developers"
    """The software is at fault."""


@dataclass(frozen=True)
class Reason:
    """What a reason code means.

    Attributes
    ----------
    actor : Actor
    meaning : str
    remedy : str
    """

    actor: Actor
    meaning: str
    remedy: str


def held_by(
    error: DicomContentError | ModelError,
    study_instance_uid: str | None,
    *,
    roi: str | None = None,
    file: str | None = None,
) -> Held:
    """Return the hold that an error amounts to.

    Parameters
    ----------
    error : DicomContentError or ModelError
    study_instance_uid : str or None
    roi : str or None
        Name of the region at fault, when it is not the whole case.
    file : str or None
        Name of the file at fault, when the object has no UID that could be read.
    """
    text = str(error)
    if isinstance(error, ModelError):
        # Who handed the number over may have noted where it came from.
        noted = " ".join([text, *getattr(error, "__notes__", ())])
        text = f"{noted}. {error.remedy}"
    if roi is not None:
        text = f"ROI {roi!r}: {text}"
    if file is not None:
        text = f"{file}: {text}"
    return Held(study_instance_uid, error.reason, text)


_TECHNICIAN = Actor.TECHNICIAN

REASONS: dict[str, Reason] = {
    "no_dicom": Reason(
        _TECHNICIAN,
        "No DICOM object was found.",
        "Name a folder, zip file or DICOMDIR that holds the study.",
    ),
    "no_pet": Reason(
        _TECHNICIAN,
        "There are contours, or other objects, but no PET series that they fit.",
        "Send the PET series on which the contours were drawn.",
    ),
    "no_roi": Reason(
        _TECHNICIAN,
        "There is no structure set, or none of its regions is to be scored.",
        "Draw the tumour as a closed contour and send the RTSTRUCT.",
    ),
    "several_pet": Reason(
        _TECHNICIAN,
        "Several PET series fit the contours.",
        "Say which one by matching.preferred_pet in the configuration.",
    ),
    "incomplete_series": Reason(
        _TECHNICIAN,
        "Slices of a PET series are missing, doubled or irregular.",
        "Send the whole series again from its source.",
    ),
    "unreadable_object": Reason(
        _TECHNICIAN,
        "An object cannot be read as DICOM, or contradicts itself.",
        "Send the object again from its source.",
    ),
    "beyond_limits": Reason(
        Actor.IT,
        "An object has more bytes, elements, levels, frames or pixels than allowed.",
        "If the object is wanted, raise the limit in [limits] that the message names.",
    ),
    "conflicting_content": Reason(
        _TECHNICIAN,
        "Two different objects came under one SOP Instance UID.",
        "Find out which is right; both are kept.",
    ),
    "roi_outside_image": Reason(
        _TECHNICIAN,
        "The contours enclose no voxel of the PET.",
        "Check that the contours were drawn on this PET, or on its CT.",
    ),
    "contour_planes": Reason(
        _TECHNICIAN,
        "A contour is not plane, or a region's contours are not parallel.",
        "Draw each contour in one plane, and all of a region in one orientation.",
    ),
    "unsupported_segmentation": Reason(
        _TECHNICIAN,
        "The Segmentation is tiled, of an unknown type, or on no regular planes.",
        "Export it as BINARY segments on the planes of the image.",
    ),
    "nothing_left": Reason(
        _TECHNICIAN,
        "No voxel of a region is left when those of rois.subtract are taken out.",
        "Correct the contours, or rois.subtract in the configuration.",
    ),
    "frame_of_reference": Reason(
        _TECHNICIAN,
        "Contours and PET lie in different frames of reference that nothing joins.",
        "Send the Spatial Registration, or add a rule [[matching.co_registered]].",
    ),
    "registration_failed": Reason(
        _TECHNICIAN,
        "The CT cannot be registered to the PET, or lies farther off than allowed.",
        "Draw the contours on the PET, or send a Spatial Registration.",
    ),
    "missing_weight": Reason(
        _TECHNICIAN,
        "The weight of the animal is missing.",
        "Enter weight_g in the injection log, or send it with the "
        "PET, or release the study with --weight-g.",
    ),
    "missing_activity": Reason(
        _TECHNICIAN,
        "The injected activity is missing.",
        "Enter activity_mbq in the injection log, or send it with "
        "the PET, or release the study with --activity-mbq.",
    ),
    "missing_injection_time": Reason(
        _TECHNICIAN,
        "The instant of the injection is missing.",
        "Enter injected_at in the injection log, or send it with the "
        "PET, or release the study with --injected-at.",
    ),
    "missing_half_life": Reason(
        _TECHNICIAN,
        "Neither the half-life nor a known radionuclide code is there.",
        "Enter the radionuclide at the scanner's workstation and send again.",
    ),
    "implausible_weight": Reason(
        _TECHNICIAN,
        "The weight lies outside the species' limits.",
        "Correct the weight, or choose the right species.",
    ),
    "implausible_activity": Reason(
        _TECHNICIAN,
        "The injected activity lies outside the species' limits.",
        "Correct the activity, or choose the right species.",
    ),
    "units_in_doubt": Reason(
        _TECHNICIAN,
        "A weight or an activity seems to be in another unit than DICOM's.",
        'Correct it, or set suv.units_in_doubt = "convert".',
    ),
    "injection_after_scan": Reason(
        _TECHNICIAN,
        "The injection is later than a static scan's start, or a dynamic one's end.",
        "Correct the injection time or the scan time.",
    ),
    "uptake_time": Reason(
        _TECHNICIAN,
        "Injection and scan contradict each other, or the limits, or the window.",
        "Correct the clocks' entries and send again, or set suv.uptake_window_min.",
    ),
    "activity_balance": Reason(
        _TECHNICIAN,
        "The image holds more activity than was injected, or a unit's factor of it.",
        "Correct the activity or its time, or split a scan of several animals.",
    ),
    "unsupported_units": Reason(
        _TECHNICIAN,
        "The PET's units cannot be turned into SUV by a rule of this version.",
        "Export the PET in BQML, or as SUVbw in GML.",
    ),
    "not_decay_corrected": Reason(
        _TECHNICIAN,
        "Statements on decay correction contradict each other.",
        "Reconstruct with decay correction and send again.",
    ),
    "not_attenuation_corrected": Reason(
        _TECHNICIAN,
        "The PET is not corrected for attenuation.",
        "Reconstruct with it and send again, or set "
        "suv.allow_without_attenuation_correction.",
    ),
    "gated": Reason(
        _TECHNICIAN, "The PET series is gated.", "Send a static reconstruction."
    ),
    "dynamic_series": Reason(
        _TECHNICIAN,
        "A dynamic PET series was given where only a static one is read.",
        "Send a static reconstruction of the frames to be scored.",
    ),
    "enhanced_image": Reason(
        _TECHNICIAN,
        "A multi-frame image is a part of one, one of several, or no PET.",
        "Send the series as one multi-frame image, or as single-frame images.",
    ),
    "several_animals": Reason(
        _TECHNICIAN,
        "The PET shows several animals.",
        "Enter each animal's weight and dose in the injection log, "
        "or split the series and send the parts.",
    ),
    "conflicting_sources": Reason(
        _TECHNICIAN,
        "Two statements of the same value disagree.",
        "Find out which is right, and correct the other or release "
        "the study with the right one.",
    ),
    "no_ct": Reason(
        _TECHNICIAN,
        "No CT series, or more than one, fits the contours.",
        "Name a folder with the CT on which the contours were drawn, and no other.",
    ),
    "no_image": Reason(
        _TECHNICIAN,
        "No image beside PET and CT, or more than one, fits the contours or mask.",
        "Name a folder with the image on which they were drawn, and no other.",
    ),
    "non_finite_values": Reason(
        _TECHNICIAN,
        "A region holds values that are no numbers.",
        "Check the image inside the region, and reconstruct it again.",
    ),
    "unsupported_preparation": Reason(
        Actor.IT,
        "The score model or profile prepares values in a way that cannot be computed.",
        "Choose another score model or profile, or update the software.",
    ),
    "unknown_feature": Reason(
        Actor.IT,
        "The score model names a feature that the catalogue does not have.",
        "Correct the score model, or update the software.",
    ),
    "no_local_feature": Reason(
        Actor.IT,
        "The score model has a feature, or a preparation, of which there is no map.",
        "Choose another score model; the score itself needs no map.",
    ),
    "no_score_map": Reason(
        Actor.DEVELOPERS,
        "A Parametric Map was asked for where there is no map.",
        "Report it with the study's UID.",
    ),
    "impossible_phantom": Reason(
        _TECHNICIAN,
        "The phantom that was asked for cannot exist; never holds a study.",
        "Choose values within the limits that the message names.",
    ),
    "unfit_for_learning": Reason(
        _TECHNICIAN,
        "Nothing can be learnt from these rows or columns; never holds a study.",
        "Correct the table, or leave out the columns that the message names.",
    ),
    "separated_labels": Reason(
        _TECHNICIAN,
        "Features part the labels, so maximum likelihood fails; never holds a study.",
        "Fit by Firth's likelihood, or leave out the features that are named.",
    ),
    "unreadable_log": Reason(
        Actor.IT,
        "The injection log cannot be read, and there is no earlier reading of it.",
        "Save it again as CSV UTF-8 under injection_log.path.",
    ),
    "storage_full": Reason(
        Actor.IT, "The data volume is full.", "Free space; the node goes on by itself."
    ),
    "invalid_object": Reason(
        Actor.DEVELOPERS,
        "An object of the result breaks a rule of DICOM; nothing more of it is sent.",
        "Report what the detail names. `release` sends it as it is; `replay` makes it "
        "anew after an update.",
    ),
    "awaiting_review": Reason(
        _TECHNICIAN,
        "The result is there, and is sent once somebody has looked at it.",
        "Look at its page with `show`, then `release` it, or `withdraw` it.",
    ),
    "delivery_refused": Reason(
        Actor.IT,
        "A destination refuses a result for good.",
        "Correct the destination, or what it gets, then replay the study.",
    ),
    "delivery_deferred": Reason(
        Actor.IT,
        "A destination does not take a result yet; never holds a study.",
        "It is tried again by itself; the detail says what is in the way.",
    ),
    "defect": Reason(
        Actor.DEVELOPERS,
        "A computation crashed or hung again and again; everything is kept.",
        "Report it with the log; `replay` tries again after an update.",
    ),
}
"""Every reason code that can hold a case."""
