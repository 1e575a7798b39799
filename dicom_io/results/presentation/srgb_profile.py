"""The colour space of palettes: sRGB as an ICC profile (PS3.3 C.11.15).

Design choice: written here from the numbers of IEC 61966-2-1, in three kilobytes. What
libraries make bears the time of its making, and would differ each time.

References
----------
* ICC.1:2001-04 (profile format 2.4), three-component matrix-based input profiles.
* IEC 61966-2-1:1999; colorants adapted to D50 by Bradford's matrix.
"""

from functools import cache
from struct import pack

import numpy as np

_D50 = (0.9642, 1.0, 0.8249)
_COLORANTS = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_CURVE_POINTS = 1024
_HEADER_BYTES = 128
_TAG_BYTES = 12
_NAME = b"sRGB"


@cache
def srgb_profile() -> bytes:
    """Return sRGB as an input profile: class ``scnr``, RGB to XYZ."""
    tags = {
        b"desc": _description(_NAME),
        b"cprt": b"text\0\0\0\0" + b"No copyright\0",
        b"wtpt": _xyz(_D50),
        **{name: _xyz(value) for name, value in _COLORANTS.items()},
    }
    curve = _curve()
    start = _HEADER_BYTES + 4 + _TAG_BYTES * (len(tags) + len(_CURVES))
    table, content = [], b""
    for name, value in tags.items():
        table.append(pack(">4sII", name, start + len(content), len(value)))
        content += _padded(value)
    shared = start + len(content)
    table.extend(pack(">4sII", name, shared, len(curve)) for name in _CURVES)
    body = pack(">I", len(table)) + b"".join(table) + content + _padded(curve)
    return _header(_HEADER_BYTES + len(body)) + body


def _header(size: int) -> bytes:
    head = pack(">I4xI4s4s4s", size, 0x02400000, b"scnr", b"RGB ", b"XYZ ")
    made = pack(">6H", 1999, 10, 18, 0, 0, 0)
    head += made + b"acsp" + bytes(28) + _fixed(_D50)
    return head.ljust(_HEADER_BYTES, b"\0")


def _description(name: bytes) -> bytes:
    plain = pack(">4s4xI", b"desc", len(name) + 1) + name + b"\0"
    # No Unicode and no Macintosh name.
    return plain + bytes(8) + bytes(3 + 67)


def _curve() -> bytes:
    """Return the way from a stored value to light."""
    stored = np.linspace(0.0, 1.0, _CURVE_POINTS)
    light = np.where(
        stored <= 0.04045,  # noqa: PLR2004 (IEC 61966-2-1)
        stored / 12.92,
        ((stored + 0.055) / 1.055) ** 2.4,
    )
    points = np.rint(light * 65535.0).astype(">u2").tobytes()
    return pack(">4s4xI", b"curv", _CURVE_POINTS) + points


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _fixed(values: tuple[float, ...]) -> bytes:
    return b"".join(pack(">i", round(value * 65536.0)) for value in values)


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
