"""Promises of `dicom_io.identity_repair`."""

from pathlib import Path

import pydicom

from dicom_io.identity_repair import named_by_data_set
from tests.support.pet import pet_datasets, write_all

OTHER_UID = "1.2.826.0.1.3680043.10.99.5"


def test_a_file_that_agrees_with_itself_is_sent_as_it_is(tmp_path: Path) -> None:
    (path,) = write_all(pet_datasets(slices=1), tmp_path)

    assert named_by_data_set(path, tmp_path) == path


def test_the_data_set_names_a_file_that_was_renamed(tmp_path: Path) -> None:
    (dataset,) = pet_datasets(slices=1)
    dataset.file_meta.MediaStorageSOPInstanceUID = OTHER_UID
    path = tmp_path / "renamed.dcm"
    dataset.preamble = bytes(128)
    pydicom.dcmwrite(path, dataset)
    copies = tmp_path / "copies"
    copies.mkdir()

    copy = pydicom.dcmread(named_by_data_set(path, copies))

    assert copy.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
    assert copy.PixelData == dataset.PixelData


def test_what_cannot_be_read_is_left_to_the_sender(tmp_path: Path) -> None:
    path = tmp_path / "broken.dcm"
    path.write_bytes(b"nothing")

    assert named_by_data_set(path, tmp_path) == path
