"""Promises of `dicom_io.codestream`: no decoder is given more than an object states."""

import struct

import numpy as np
import pytest
from pydicom.encaps import generate_frames
from pydicom.uid import (
    UID,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from dicom_io.codestream import fault_of_stream
from tests.support.pet import pet_datasets

SHAPE = (48, 64)


def stream_in(syntax: UID) -> bytes:
    dataset = pet_datasets(slices=1, rows=48, columns=64)[0]
    dataset.compress(syntax, generate_instance_uid=False)
    return next(generate_frames(dataset.PixelData, number_of_frames=1))


def jpeg(rows: int, columns: int, samples: int = 1) -> bytes:
    """Return the beginning of a JPEG stream, up to its frame header."""
    frame = struct.pack(">BHHB", 16, rows, columns, samples)
    comment = b"\xff\xfe\x00\x06\xff\xc3\xff\xc3"
    return b"\xff\xd8" + comment + b"\xff\xff\xc3\x00\x0b" + frame + b"\x01\x11\0"


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_what_encoders_write_is_decoded(syntax: UID) -> None:
    assert fault_of_stream(stream_in(syntax), syntax, SHAPE, 2) is None


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless])
def test_a_frame_of_another_size_is_not_decoded(syntax: UID) -> None:
    stream = stream_in(syntax)

    for shape in ((48, 63), (16, 16), (64, 48)):
        assert "48 x 64" in str(fault_of_stream(stream, syntax, shape, 2))


def test_jpeg_says_its_size_behind_other_segments() -> None:
    assert fault_of_stream(jpeg(*SHAPE), JPEGLosslessSV1, SHAPE, 2) is None
    for bomb in (jpeg(65500, 65500), jpeg(0, 0), jpeg(*SHAPE, 3)):
        assert "says" in str(fault_of_stream(bomb, JPEGLosslessSV1, SHAPE, 2))


def test_a_jpeg_2000_file_is_looked_into() -> None:
    stream = stream_in(JPEG2000Lossless)
    # A box with a codestream that nobody decodes, before the one that is.
    decoy = b"uuid" + jpeg(*SHAPE)
    boxes = b"\0\0\0\x0cjP  \r\n\x87\n" + struct.pack(">L", len(decoy) + 4) + decoy
    file = boxes + struct.pack(">L", 0) + b"jp2c" + stream

    assert fault_of_stream(file, JPEG2000Lossless, SHAPE, 2) is None
    assert "48 x 64" in str(fault_of_stream(file, JPEG2000Lossless, (9, 9), 2))
    assert fault_of_stream(boxes, JPEG2000Lossless, SHAPE, 2)


@pytest.mark.parametrize("syntax", [JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless])
def test_a_stream_that_does_not_say_its_size_is_not_decoded(syntax: UID) -> None:
    noise = np.random.default_rng(5).bytes(4000)

    for stream in (b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xda\0\2", noise):
        assert fault_of_stream(stream, syntax, SHAPE, 2)
        assert fault_of_stream(b"\xff\xd8\xff\xe0" + stream, syntax, SHAPE, 2)
        assert fault_of_stream(b"\xff\x4f\xff\x51" + stream[:9], syntax, SHAPE, 2)


def test_a_run_length_bomb_is_not_decoded() -> None:
    assert fault_of_stream(bytes(200_000), RLELossless, SHAPE, 2)
