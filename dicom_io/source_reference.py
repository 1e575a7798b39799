"""An object by its UIDs: what references, questions and answers name it by.

Design choice: a module of its own, below everything that builds or reads objects. Who
only names objects shall not load what measures them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceReference:
    """A SOP Instance with its place in study and series."""

    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
