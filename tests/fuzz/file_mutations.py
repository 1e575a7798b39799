"""Ways in which a Part 10 file can be wrong, chosen by a seeded generator.

Most keep the structure, so that the damage arrives behind the parser: in the values
that readers compute with. Some break the structure, and a few only flip bytes.
"""

import copy
import struct
from collections.abc import Callable
from random import Random

from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from tests.fuzz.elements import UNDEFINED, Element, Item, Tree
from tests.support.damage import BINARY, TEXTS

_SYNTAXES = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
    "1.2.3",
    "",
)
_VRS = (*BINARY, "SQ", "UN", "LO", "DS", "IS", "UI", "OB", "OW", "UT", "PN", "AT")
_VRS_THAT_ARE_NONE = ("??", "\0\0", "sq", "ZZ", "O")
_LENGTHS = (0, 1, 2, 3, 7, 0xFE, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFE)
_HOSTILE_TEXTS = (
    *TEXTS,
    b"1.2." * 16000,
    b"1.2.3\0/../../etc",
    b"1.2.3/..",
    b"-0",
    b"1e-400",
    b"1e308",
    b"-1e308",
    b"4.9e-324",
    b"9" * 5000,
    b"inf",
    b"0x10",
    b"\xd9\xa1\xd9\xa2",
    b"00000000",
    b"99999999",
    b"20261399",
    b"246060.999999",
    b"\\" * 60000,
    b"1\\" * 30000,
)
_CHARACTER_SETS = (
    b"ISO_IR 999",
    b"\\ISO 2022 IR 87",
    b"ISO 2022 IR 6\\ISO 2022 IR 149\\nonsense",
    b"GB18030\\GB18030",
    b"utf-7",
    b"\xff\xfe",
    b"rot13",
    b"zlib",
)
_NUMBERS = (0, 1, 2, 3, 8, 16, 32, 64, 255, 4096, 32767, 32768, 65535)
_CHARACTER_SET = 0x00080005
_TRANSFER_SYNTAX = 0x00020010
_PIXEL_DATA = 0x7FE00010

Mutation = Callable[[Tree, Random], None]


def mutated(tree: Tree, random: Random) -> bytes:
    """Return the bytes of a file with one fault or a few."""
    content = _mutated_tree(tree, random)
    while random.random() < 0.08:
        content = random.choice(_OF_BYTES)(content, random)
    return content


def _mutated_tree(tree: Tree, random: Random) -> bytes:
    changed = tree.copied()
    try:
        for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
            random.choice(_MUTATIONS)(changed, random)
        return changed.encoded()
    except RecursionError:
        # Nested too deep for this encoder; the deepest that are not, are deep enough.
        return tree.encoded()


def _any_list(tree: Tree, random: Random) -> list[Element]:
    lists = [each for each in tree.walk() if each]
    return random.choice(lists) if lists else tree.elements


def _any_element(tree: Tree, random: Random) -> Element:
    if random.random() < 0.05:
        return random.choice(tree.meta)
    found = _any_list(tree, random)
    return random.choice(found) if found else Element(0x00080060, "CS", b"PT")


def _change_value(tree: Tree, random: Random) -> None:
    element = _any_element(tree, random)
    if element.vr in BINARY:
        letter = BINARY[element.vr]
        number = random.choice((*_NUMBERS, *map(float, _NUMBERS), float("nan"), 1e300))
        whole = letter[1] not in "fd"
        size = struct.calcsize(letter) * 8
        if whole:
            number = int(number if number == number else 3) % (1 << (size - 1))  # noqa: PLR0124 (no NaN)
        elif size == 32 and abs(number) > 1e38:
            number = float("inf")
        element.value = struct.pack(letter, number) * random.choice((1, 1, 1, 2, 0))
    elif element.tag == _PIXEL_DATA or element.vr in {"OB", "OW"}:
        size = random.choice((0, 1, 2, len(element.value) - 1, len(element.value) + 3))
        element.value = element.value[:size].ljust(size, b"\0")
    elif element.is_sequence:
        _change_items(element, random)
    else:
        element.value = random.choice(_HOSTILE_TEXTS)


def _change_items(element: Element, random: Random) -> None:
    if not element.items:
        element.items = [Item([])]
    elif random.random() < 0.5:
        element.items = element.items[: random.randrange(len(element.items))]
    else:
        element.items = element.items * random.choice((2, 3, 40))


def _nudge_text(tree: Tree, random: Random) -> None:
    element = _any_element(tree, random)
    if not element.value or element.tag == _PIXEL_DATA:
        return
    content = bytearray(element.value)
    for _ in range(random.choice((1, 2, 5))):
        content[random.randrange(len(content))] = random.choice(
            b"0123456789.-+eE\\ \0\xff"
        )
    element.value = bytes(content)


def _change_vr(tree: Tree, random: Random) -> None:
    vrs = _VRS if random.random() < 0.8 else _VRS_THAT_ARE_NONE
    _any_element(tree, random).vr = random.choice(vrs)


def _change_tag(tree: Tree, random: Random) -> None:
    element = _any_element(tree, random)
    other = _any_element(tree, random).tag
    private = random.choice(
        (0x00091001, 0x00090010, 0x70531000, 0xFFFEE000, 0xFFFEE00D)
    )
    element.tag = random.choice(
        (other, private, element.tag ^ (1 << random.randrange(32)))
    )


def _lie_of_length(tree: Tree, random: Random) -> None:
    element = _any_element(tree, random)
    size = len(element.value)
    lie = random.choice((*_LENGTHS, UNDEFINED, size + 1, size - 1, size + 8))
    if element.items and random.random() < 0.5:
        random.choice(element.items).lie = lie & UNDEFINED
    else:
        element.lie = lie & UNDEFINED


def _leave_undefined(tree: Tree, random: Random) -> None:
    sequences = [e for found in tree.walk() for e in found if e.is_sequence]
    for element in sequences or [_any_element(tree, random)]:
        element.undefined = random.random() < 0.7
        element.closed = random.random() < 0.9
        for item in element.items:
            item.undefined = random.random() < 0.5
            item.closed = random.random() < 0.95
            if random.random() < 0.03:
                item.tag = (0xFFFE, random.choice((0xE000, 0xE00D, 0xE0DD, 0xE001)))


def _remove(tree: Tree, random: Random) -> None:
    found = _any_list(tree, random)
    if found:
        del found[random.randrange(len(found))]


def _double(tree: Tree, random: Random) -> None:
    found = _any_list(tree, random)
    if found:
        again = copy.copy(random.choice(found))
        found.insert(random.randrange(len(found) + 1), again)


def _swap(tree: Tree, random: Random) -> None:
    one, other = _any_element(tree, random), _any_element(tree, random)
    one.value, other.value = other.value, one.value
    if random.random() < 0.3:
        one.items, other.items = other.items, one.items


def _shuffle(tree: Tree, random: Random) -> None:
    random.shuffle(_any_list(tree, random))


def _nest(tree: Tree, random: Random) -> None:
    element = _any_element(tree, random)
    deep = Element(element.tag, element.vr, element.value, element.items)
    for _ in range(random.choice((1, 2, 10, 33, 120))):
        undefined = random.random() < 0.5
        items = [Item([deep], undefined=undefined)]
        deep = Element(element.tag, "SQ", items=items, undefined=undefined)
    element.vr, element.items, element.undefined = "SQ", deep.items, deep.undefined


def _multiply(tree: Tree, random: Random) -> None:
    found = _any_list(tree, random)
    if found:
        found += [
            copy.copy(random.choice(found)) for _ in range(random.choice((5, 500)))
        ]


def _change_character_set(tree: Tree, random: Random) -> None:
    found = _any_list(tree, random)
    value = random.choice(_CHARACTER_SETS)
    found[:] = [e for e in found if e.tag != _CHARACTER_SET]
    found.insert(0, Element(_CHARACTER_SET, "CS", value))
    for element in found:
        if element.vr in {"LO", "SH", "PN", "LT"} and random.random() < 0.5:
            element.value = random.choice(
                (b"\x1b$B", b"\x1b(J\xff", b"\xe9\x80", b"a\x1b")
            )


def _change_syntax(tree: Tree, random: Random) -> None:
    """Say another transfer syntax, and mostly encode in it as well."""
    said = str(random.choice(_SYNTAXES))
    for element in tree.meta:
        if element.tag == _TRANSFER_SYNTAX:
            element.value = said.encode() + b"\0" * (len(said) % 2)
    if random.random() < 0.7:
        tree.syntax = said
    if said in _SYNTAXES[4:8]:
        _encapsulate(tree, random)


def _encapsulate(tree: Tree, random: Random) -> None:
    """Make the pixels fragments; what a decoder gets of them is nonsense."""
    for element in tree.elements:
        if element.tag == _PIXEL_DATA:
            content = random.choice((element.value[:500], _j2k(random), _jpeg(random)))
            table = random.choice((b"", bytes(4), b"\xff" * 8, bytes(5)))
            fragments = [table, content]
            element.value = b"".join(
                b"\xfe\xff\x00\xe0" + struct.pack("<L", len(f)) + f for f in fragments
            )
            element.vr, element.undefined = "OB", True


def _j2k(random: Random) -> bytes:
    side = random.choice((16, 18, 0, 60000, 0xFFFFFFFF))
    size = struct.pack(">HLLLLLLLLH", 0, side, side, 0, 0, side, side, 0, 0, 1)
    content = b"\xff\x4f\xff\x51" + struct.pack(">H", len(size) + 5) + size
    return content + b"\x0f\x01\x01" + bytes(random.randrange(256) for _ in range(64))


def _jpeg(random: Random) -> bytes:
    rows, columns = random.choice(((16, 18), (0, 0), (65500, 65500), (1, 65535)))
    marker = random.choice((0xC3, 0xC0, 0xF7))
    frame = struct.pack(">BHHB3B", 16, rows, columns, 1, 1, 0x11, 0)
    content = b"\xff\xd8\xff" + bytes([marker]) + struct.pack(">H", len(frame) + 2)
    return content + frame + bytes(random.randrange(256) for _ in range(64))


def _flip(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 4, 32))):
        # Mostly in front, where the structure is.
        most = len(changed) if random.random() < 0.5 else min(len(changed), 2000)
        changed[random.randrange(most)] = random.randrange(256)
    return bytes(changed)


def _cut(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(1, len(content))] if len(content) > 1 else content


def _repeat(content: bytes, random: Random) -> bytes:
    start = random.randrange(len(content))
    size = random.choice((1, 8, 12, 100, 4000))
    return content[: start + size] + content[start:]


def _lose(content: bytes, random: Random) -> bytes:
    start = random.randrange(len(content))
    return content[:start] + content[start + random.choice((1, 2, 8, 300)) :]


_MUTATIONS: tuple[Mutation, ...] = (
    *[_change_value] * 6,
    *[_nudge_text] * 5,
    *[_change_vr] * 2,
    _change_tag,
    *[_lie_of_length] * 2,
    _leave_undefined,
    *[_remove] * 2,
    _double,
    *[_swap] * 2,
    _shuffle,
    _nest,
    _multiply,
    _change_character_set,
    _change_syntax,
)
_OF_BYTES = (_flip, _flip, _cut, _repeat, _lose)
