"""Promises of `node.folder`."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom.fileset import FileSet

from node import folder as folder_module
from node.folder import SourceError, opened_source, read_folder
from tests.support.studies import small_study, write_study

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_other_files_are_skipped_and_counted(tmp_path: Path) -> None:
    write_study(tmp_path / "dicom")
    (tmp_path / "notes.txt").write_text("weights on paper")
    (tmp_path / "empty.dcm").write_bytes(b"")

    with opened_source(tmp_path) as files:
        found = read_folder(files, AT)

    assert len(found.instances) == 13
    assert found.skipped == 2
    assert found.unreadable == ()


def test_a_zip_file_is_read_like_its_folder(tmp_path: Path) -> None:
    paths = write_study(tmp_path / "dicom")
    packed = tmp_path / "study.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in paths:
            archive.write(path, f"a/b/{path.name}")
        archive.writestr("readme.txt", "hello")

    with opened_source(packed) as files:
        found = read_folder(files, AT)

    assert len(found.instances) == 13
    assert found.skipped == 1


def test_names_in_a_zip_file_never_become_paths(tmp_path: Path) -> None:
    packed = tmp_path / "hostile.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../escaped.dcm", b"nothing")

    with opened_source(packed) as files:
        assert len(files) == 1
        assert not (tmp_path / "escaped.dcm").exists()
        assert not (tmp_path.parent / "escaped.dcm").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [("ö".encode(), b"\xff\xfe"), (b"PK\1\2", b"PK\1\3"), (b"\x08\0", b"\x63\0")],
)
def test_a_damaged_zip_file_is_refused(
    tmp_path: Path, before: bytes, after: bytes
) -> None:
    packed = tmp_path / "damaged.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ö", bytes(300))
    packed.write_bytes(packed.read_bytes().replace(before, after))

    with pytest.raises(SourceError, match="cannot be unpacked"), opened_source(packed):
        pass


def test_no_damage_to_a_zip_file_brings_its_reader_down(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    packed = tmp_path / "damaged.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ö.nii", generator.integers(0, 9, 300).tobytes())
    whole = packed.read_bytes()
    outcomes = {"read": 0, "refused": 0}
    for _ in range(200):
        damaged = bytearray(whole)
        for at in generator.integers(0, len(whole), 3):
            damaged[at] = int(generator.integers(0, 256))
        packed.write_bytes(damaged)
        try:
            with opened_source(packed) as files:
                outcomes["read"] += len(files) >= 0
        except SourceError:
            outcomes["refused"] += 1

    assert outcomes["refused"] > 50
    assert sum(outcomes.values()) == 200


def test_a_zip_file_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "bomb.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(3 * 2**20))
    monkeypatch.setattr(folder_module, "MAXIMUM_ZIP_BYTES", 2**20)

    with (
        pytest.raises(SourceError, match="unpacks to more than"),
        opened_source(packed),
    ):
        pass


def test_a_dicomdir_names_its_files(tmp_path: Path) -> None:
    pet, contours = small_study()
    medium = FileSet()
    for dataset in [*pet, contours]:
        medium.add(dataset)
    medium.write(tmp_path / "medium")
    # pydicom leaves its folder to the garbage collector, which warns.
    medium._stage["t"].cleanup()

    with opened_source(tmp_path / "medium" / "DICOMDIR") as files:
        found = read_folder(files, AT)

    assert len(found.instances) == 13


def test_a_truncated_header_is_held_with_its_file_named(tmp_path: Path) -> None:
    paths = write_study(tmp_path)
    paths[3].write_bytes(paths[3].read_bytes()[:700])

    with opened_source(tmp_path) as files:
        found = read_folder(files, AT)

    assert len(found.instances) == 12
    assert [held.reason for held in found.unreadable] == ["unreadable_object"]
    assert paths[3].name in found.unreadable[0].detail


def test_two_objects_under_one_uid_are_reported_and_the_same_twice_is_not(
    tmp_path: Path,
) -> None:
    pet, contours = small_study()
    write_study(tmp_path / "first")
    write_study(tmp_path / "again")
    pet[0].PatientWeight = "0.03"
    other = tmp_path / "other.dcm"
    pet[0].save_as(other, enforce_file_format=True)

    with opened_source(tmp_path) as files:
        found = read_folder(files, AT)

    assert len(found.instances) == 13
    assert [held.reason for held in found.unreadable] == ["conflicting_content"]
    assert contours.SOPInstanceUID not in found.unreadable[0].detail


def test_a_file_that_is_no_study_is_refused_in_words(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("nothing")

    with pytest.raises(SourceError, match="no folder, zip file"), opened_source(text):
        pass
