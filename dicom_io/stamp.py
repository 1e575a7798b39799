"""Identity and instants of the objects that we write.

Design choice: highdicom makes UIDs and reads the clock inside its constructors. A result
must come out in the same bytes however often it is built, so `stamp` overwrites every
one of them with what the job row says.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Equipment:
    """Who made the object (PS3.3 C.7.5.1, Enhanced: C.7.5.2).

    Attributes
    ----------
    manufacturer, model_name, serial_number, software_version : str
    station_name : str
        The node's AE title.
    institution_name : str or None
    """

    manufacturer: str
    model_name: str
    serial_number: str
    software_version: str
    station_name: str
    institution_name: str | None = None


@dataclass(frozen=True)
class ObjectIdentity:
    """Identity of one result object.

    Attributes
    ----------
    sop_instance_uid, series_instance_uid : str
        Derived from the job key.
    uid_root : str
        Prefix, ending in a dot, from which further UIDs inside the object are derived
        (tracking, observer, dimension organisation), each by a stable name.
    series_number, instance_number : int
    series_description : str
    created_at : datetime
        Timezone-aware; every date and time in the object that is ours.
    job_key : str
        Hex digest under which the result was computed; goes into the object.
    """

    sop_instance_uid: str
    series_instance_uid: str
    uid_root: str
    series_number: int
    instance_number: int
    series_description: str
    created_at: datetime
    job_key: str
