"""What is said of a file that is no whole DICOM object."""

from pathlib import Path

from dicom_io.errors import DicomContentError


class UnreadableObjectError(DicomContentError):
    """A file is not DICOM, is truncated, or cannot be parsed.

    Attributes
    ----------
    path : Path or None
        Not part of the message: names of files may be names of people.
    """

    reason = "unreadable_object"
    remedy = "Send the object again from its source."

    def __init__(
        self,
        fact: str,
        *,
        path: Path | None = None,
        attribute: str | None = None,
        uid: str | None = None,
    ) -> None:
        super().__init__(fact, attribute=attribute, uid=uid)
        self.path = path
