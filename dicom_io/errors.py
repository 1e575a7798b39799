"""What goes wrong with DICOM content.

::

    DicomContentError          an object is at fault; the case is held
    └── ...                    each concept's own, beside the concept

Every error names the object by UID, the attribute by keyword, and the remedy. No error
carries a patient's name or identifier. Who must act is decided in `node.failure`.
"""

from typing import ClassVar


class DicomContentError(Exception):
    """An object is at fault: hold the case and tell the technician.

    Parameters
    ----------
    fact : str
        What is so, in a sentence without a full stop.
    attribute : str or None
        Keyword and tag, for example ``PatientWeight (0010,1030)``.
    uid : str or None
        SOP Instance UID, or Series Instance UID where a series is at fault.

    Attributes
    ----------
    reason : str
        The code under which the case is held.
    remedy : str
        What a person can do about it.
    """

    reason: ClassVar[str] = "unreadable_object"
    remedy: ClassVar[str] = "Send the object again from its source."

    def __init__(
        self, fact: str, *, attribute: str | None = None, uid: str | None = None
    ) -> None:
        super().__init__(fact)
        self.fact = fact
        self.attribute = attribute
        self.uid = uid

    def __str__(self) -> str:
        where = "".join(
            [
                f" [{self.attribute}]" if self.attribute else "",
                f" in {self.uid}" if self.uid else "",
            ]
        )
        return f"{self.fact}{where}. {self.remedy}"
