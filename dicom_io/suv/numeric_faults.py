"""Faults of numbers, with the attributes that the numbers came from.

Design choice: `model` computes and knows no attributes. What it refuses is given a note
here, so that a technician reads which element of which object to look at.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pydicom.dataset import Dataset

from dicom_io.attributes import name_of, uid_of
from model.errors import ModelError


@contextmanager
def numbers_of(dataset: Dataset, *keywords: str) -> Iterator[None]:
    """Name attributes and object in errors about numbers, which know neither."""
    try:
        yield
    except ModelError as error:
        named = ", ".join(map(name_of, keywords))
        error.add_note(f"[{named}] in {uid_of(dataset)}")
        raise
