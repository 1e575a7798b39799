"""Promises of `node.display`: what people read in a terminal."""

from io import StringIO

from rich.console import Console

from node.display import print_held


def test_what_is_held_is_wrapped_and_its_uids_are_whole() -> None:
    page = Console(file=StringIO(), width=40)
    uid = "2.25." + "1" * 59
    detail = f"look at it: `exhaustion-node show {uid}` or at [red] results/{uid}.dcm"
    print_held(page, [{"reason": "awaiting_review", "detail": detail}])
    assert isinstance(page.file, StringIO)
    told = page.file.getvalue()

    assert told.split() == ["held", "awaiting_review:", *detail.split()]
    assert all(len(line) <= 40 or uid in line for line in told.splitlines())
