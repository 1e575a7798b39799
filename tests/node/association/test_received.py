"""Promises of `association.received`: what it is, seen without looking at pixels."""

import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pynetdicom.dsutils import encode

from node.association.received import (
    DataSetMismatchError,
    ReceivedObject,
    UnintelligibleDataSetError,
)
from tests.support.peers import dataset_bytes, in_syntax, write_files
from tests.support.pet import pet_datasets

(PET,) = pet_datasets(slices=1)


def received(dataset: bytes, syntax: str = ExplicitVRLittleEndian) -> ReceivedObject:
    return ReceivedObject(
        sop_class_uid=str(PET.SOPClassUID),
        sop_instance_uid=str(PET.SOPInstanceUID),
        transfer_syntax_uid=str(syntax),
        file_meta=bytes(128) + b"DICM",
        dataset=dataset,
        calling_ae="SCANNER",
        called_ae="NODE",
        peer_address="127.0.0.1",
    )


ENCODED = encode(PET, is_implicit_vr=False, is_little_endian=True) or b""


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian],
)
def test_an_object_that_is_what_it_says_passes(
    tmp_path_factory: pytest.TempPathFactory, syntax: str
) -> None:
    (path,) = write_files(tmp_path_factory.mktemp("sent"), [in_syntax(PET, syntax)])

    received(dataset_bytes(path), syntax).check_identity()


def test_an_object_is_recognised_although_its_pixels_are_cut_off() -> None:
    received(ENCODED[:400]).check_identity()


@pytest.mark.parametrize("field", ["sop_class_uid", "sop_instance_uid"])
def test_another_object_than_announced_is_a_mismatch(field: str) -> None:
    announced = replace(received(ENCODED), **{field: "1.2.3"})

    with pytest.raises(DataSetMismatchError, match="UID"):
        announced.check_identity()


@pytest.mark.parametrize(
    ("dataset", "syntax"),
    [
        (b"", ExplicitVRLittleEndian),
        (ENCODED[:40], ExplicitVRLittleEndian),
        (b"GET / HTTP/1.1", ExplicitVRLittleEndian),
        (b"not deflated at all", DeflatedExplicitVRLittleEndian),
    ],
)
def test_what_is_no_data_set_is_unintelligible(dataset: bytes, syntax: str) -> None:
    with pytest.raises(UnintelligibleDataSetError):
        received(dataset, syntax).check_identity()


@pytest.mark.filterwarnings("ignore")
@given(
    noise=st.binary(max_size=64),
    at=st.integers(0, 300),
    cut=st.integers(0, len(ENCODED)),
)
def test_damage_is_told_in_one_of_two_ways_or_not_seen(
    noise: bytes, at: int, cut: int
) -> None:
    damaged = (ENCODED[:at] + noise + ENCODED[at + len(noise) :])[:cut]

    for syntax in (ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian):
        try:
            received(damaged, syntax).check_identity()
        except (DataSetMismatchError, UnintelligibleDataSetError):
            continue


def test_a_deflated_bomb_is_inflated_only_as_far_as_the_identity() -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = packer.compress(ENCODED) + packer.compress(bytes(1 << 26)) + packer.flush()

    received(bomb, DeflatedExplicitVRLittleEndian).check_identity()
