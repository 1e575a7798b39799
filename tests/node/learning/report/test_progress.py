"""Progress is seen by people who wait, and by nobody else."""

import io

import pytest
from rich.console import Console

from node.learning.report import progress as module
from node.learning.report.progress import progress


def screen(*, terminal: bool) -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, force_terminal=terminal, width=100), written


def run(console: Console | None, steps: int) -> None:
    with progress("Cross-validation", steps, console) as tick:
        for _ in range(steps):
            tick()


def test_what_is_quick_is_not_told() -> None:
    for terminal in (True, False):
        console, written = screen(terminal=terminal)
        run(console, 3)
        assert written.getvalue() == ""


def test_what_lasts_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    console, written = screen(terminal=True)
    run(console, 3)

    assert "Cross-validation" in written.getvalue()
    assert "3/3" in written.getvalue()


def test_elsewhere_it_is_one_line_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    console, written = screen(terminal=False)
    run(console, 3)

    assert written.getvalue() == "Cross-validation: 3 of 3 in 0 s\n"


def test_standard_output_is_never_touched(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    run(None, 2)
    told = capsys.readouterr()

    assert told.out == ""
    assert "2 of 2" in told.err


def test_an_error_goes_through_and_is_not_called_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    console, written = screen(terminal=False)

    def fail() -> None:
        with progress("Cross-validation", 3, console) as tick:
            tick()
            fact = "broken"
            raise RuntimeError(fact)

    with pytest.raises(RuntimeError, match="broken"):
        fail()
    assert written.getvalue() == ""
