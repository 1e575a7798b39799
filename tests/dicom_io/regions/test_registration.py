"""Promises of `dicom_io.regions.registration`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from dicom_io.errors import DicomContentError
from dicom_io.header import header_from_json, header_to_json, read_header
from dicom_io.regions.registration import (
    ImpossibleMatrixError,
    JoinedFrames,
    NotARegistrationError,
    joined_frames,
    read_registration,
)
from tests.support.pet import FRAME_OF_REFERENCE_UID, pet_datasets, write_all
from tests.support.registration import (
    OTHER_FRAME,
    REGISTRATION_UID,
    THIRD_FRAME,
    deformable_dataset,
    moved,
    registration_dataset,
    source,
    turned_z,
)

POINTS = np.array([[1.0, 2.0, 3.0], [-20.0, 4.0, 50.0]])
M1, M2, M3 = turned_z(30.0), turned_z(0.0, (5.0, 0.0, 0.0)), np.diag([2.0, 1, 1, 1])


def written(folder: Path, dataset: Dataset) -> Path:
    [path] = write_all([dataset], folder)
    return path


def test_a_matrix_takes_points_of_the_source_into_the_registered_frame(
    tmp_path: Path,
) -> None:
    # PS3.3 C.20.2.1.1: "how to transform a point with respect to RCS B into RCS A".
    matrix = turned_z(30.0, (5.0, -7.0, 11.0))
    dataset = registration_dataset(FRAME_OF_REFERENCE_UID, source(OTHER_FRAME, matrix))

    found = read_registration(written(tmp_path, dataset))

    assert found.sop_instance_uid == REGISTRATION_UID
    assert found.registered == FRAME_OF_REFERENCE_UID
    [only] = found.sources
    assert only.frame_of_reference == OTHER_FRAME
    np.testing.assert_allclose(
        only.to_registered.apply(POINTS), moved(POINTS, matrix), atol=1e-7
    )


def test_of_several_matrices_the_first_item_is_applied_first(tmp_path: Path) -> None:
    # PS3.3 equation C.20.2-2.
    item = source(OTHER_FRAME, M1, M2, M3, kind="AFFINE")
    dataset = registration_dataset(FRAME_OF_REFERENCE_UID, item)

    [only] = read_registration(written(tmp_path, dataset)).sources

    expected = moved(moved(moved(POINTS, M1), M2), M3)
    np.testing.assert_allclose(only.to_registered.apply(POINTS), expected, atol=1e-7)


def test_sources_may_be_named_by_their_images_alone(tmp_path: Path) -> None:
    dataset = registration_dataset(
        FRAME_OF_REFERENCE_UID,
        source(FRAME_OF_REFERENCE_UID, np.eye(4)),
        source(None, M2, images=["1.2.3.5", "1.2.3.4"]),
    )

    found = read_registration(written(tmp_path, dataset))

    assert [each.frame_of_reference for each in found.sources] == [
        FRAME_OF_REFERENCE_UID,
        "",
    ]
    assert found.sources[1].images == ("1.2.3.5", "1.2.3.4")


def test_a_header_tells_what_is_joined() -> None:
    dataset = registration_dataset(
        FRAME_OF_REFERENCE_UID,
        source(FRAME_OF_REFERENCE_UID, np.eye(4)),
        source(OTHER_FRAME, M1, images=["1.2.3.9"]),
        source(THIRD_FRAME, M1),
        source(None, M2, images=["1.2.3.5", "1.2.3.4"]),
    )

    header = read_header(dataset)

    assert header.joins == JoinedFrames(
        FRAME_OF_REFERENCE_UID,
        (FRAME_OF_REFERENCE_UID, OTHER_FRAME, THIRD_FRAME),
        (("1.2.3.4", "1.2.3.5"),),
    )
    assert header_from_json(header_to_json(header)) == header


def test_a_deformable_registration_is_told_apart_and_not_read(tmp_path: Path) -> None:
    dataset = deformable_dataset(FRAME_OF_REFERENCE_UID, OTHER_FRAME, "1.2.66.3")

    assert joined_frames(dataset) == JoinedFrames(
        FRAME_OF_REFERENCE_UID, (OTHER_FRAME,), deformable=True
    )
    with pytest.raises(NotARegistrationError, match="Deformable"):
        read_registration(written(tmp_path, dataset))


def test_other_objects_join_nothing() -> None:
    assert read_header(pet_datasets(slices=1)[0]).joins is None


def _matrix(item: Dataset) -> Dataset:
    step: Dataset = item.MatrixRegistrationSequence[0].MatrixSequence[0]
    return step


def _short(item: Dataset) -> None:
    values = list(_matrix(item).FrameOfReferenceTransformationMatrix)
    _matrix(item).FrameOfReferenceTransformationMatrix = values[:12]


def _no_type(item: Dataset) -> None:
    del _matrix(item).FrameOfReferenceTransformationMatrixType


def _unknown_type(item: Dataset) -> None:
    _matrix(item).FrameOfReferenceTransformationMatrixType = "BSPLINE"


def _doubled(item: Dataset) -> None:
    item.MatrixRegistrationSequence.append(item.MatrixRegistrationSequence[0])


def _no_matrix(item: Dataset) -> None:
    item.MatrixRegistrationSequence[0].MatrixSequence = []


def _no_frame(item: Dataset) -> None:
    del item.FrameOfReferenceUID


@pytest.mark.parametrize(
    ("damage", "attribute"),
    [
        (_short, "FrameOfReferenceTransformationMatrix (3006,00C6)"),
        (_no_type, "FrameOfReferenceTransformationMatrixType (0070,030C)"),
        (_unknown_type, "FrameOfReferenceTransformationMatrixType (0070,030C)"),
        (_doubled, "MatrixRegistrationSequence (0070,0309)"),
        (_no_matrix, "MatrixSequence (0070,030A)"),
        (_no_frame, "FrameOfReferenceUID (0020,0052)"),
    ],
)
def test_a_damaged_item_is_refused_with_its_attribute_and_object(
    tmp_path: Path, damage: Callable[[Dataset], None], attribute: str
) -> None:
    item = source(OTHER_FRAME, M1)
    damage(item)
    path = written(tmp_path, registration_dataset(FRAME_OF_REFERENCE_UID, item))

    with pytest.raises(DicomContentError) as caught:
        read_registration(path)

    assert caught.value.attribute == attribute
    assert caught.value.uid == REGISTRATION_UID


PERSPECTIVE = np.eye(4)
PERSPECTIVE[3, 0] = 0.1
SHEARED = np.eye(4)
SHEARED[0, 1] = 0.2


@pytest.mark.parametrize(
    ("matrix", "kind"),
    [
        (np.diag([1.1, 1.0, 1.0, 1.0]), "RIGID"),
        (np.diag([-1.0, 1.0, 1.0, 1.0]), "RIGID"),
        (SHEARED, "RIGID_SCALE"),
        (np.diag([1.0, 1.0, 0.0, 1.0]), "AFFINE"),
        (PERSPECTIVE, "AFFINE"),
        (turned_z(0.0, (2e6, 0.0, 0.0)), "RIGID"),
    ],
)
def test_a_matrix_that_is_not_what_it_says_is_refused(
    tmp_path: Path, matrix: np.ndarray, kind: str
) -> None:
    item = source(OTHER_FRAME, matrix, kind=kind)
    path = written(tmp_path, registration_dataset(FRAME_OF_REFERENCE_UID, item))

    with pytest.raises(ImpossibleMatrixError) as caught:
        read_registration(path)

    assert caught.value.reason == "frame_of_reference"
    assert caught.value.uid == REGISTRATION_UID


@pytest.mark.parametrize(
    ("matrix", "kind"),
    [
        (np.round(turned_z(12.3), 4), "RIGID"),
        (turned_z(10.0) @ np.diag([1.1, 0.9, 1.0, 1.0]), "RIGID_SCALE"),
        (SHEARED, "AFFINE"),
    ],
)
def test_lawful_matrices_are_taken_as_they_are(
    tmp_path: Path, matrix: np.ndarray, kind: str
) -> None:
    item = source(OTHER_FRAME, matrix, kind=kind)
    path = written(tmp_path, registration_dataset(FRAME_OF_REFERENCE_UID, item))

    [only] = read_registration(path).sources

    np.testing.assert_allclose(
        only.to_registered.apply(POINTS), moved(POINTS, matrix), atol=1e-6
    )


def test_a_frame_that_is_moved_onto_itself_is_refused(tmp_path: Path) -> None:
    item = source(FRAME_OF_REFERENCE_UID, M2)
    path = written(tmp_path, registration_dataset(FRAME_OF_REFERENCE_UID, item))

    with pytest.raises(ImpossibleMatrixError, match="onto itself"):
        read_registration(path)
