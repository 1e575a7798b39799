"""What is said of the animals of a PET, in short; to tell when it changes."""

from typing import NamedTuple

from dicom_io.header import InstanceHeader


class Supply(NamedTuple):
    """What is said of an animal, in short.

    Attributes
    ----------
    digest : str
    log_digest : str
        Of what the injection log says alone; empty where it says nothing.
    """

    digest: str
    log_digest: str


class SuppliedSeries(NamedTuple):
    """A PET series of a case, and what was last said of its animals.

    Attributes
    ----------
    study_instance_uid : str
    header : InstanceHeader
        Of its first object.
    supplies : dict of str to Supply
        By `Case.animal_id`.
    """

    study_instance_uid: str
    header: InstanceHeader
    supplies: dict[str, Supply]
