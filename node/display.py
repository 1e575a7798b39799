"""Results and holds as people read them in a terminal."""

import textwrap
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from node.score_display import score_rows, shown_number

_READABLE = {
    "g": (1.0, "g"),
    "kg": (1.0, "kg"),
    "bq": (1e-6, "MBq"),
    "mbq": (1.0, "MBq"),
    "s": (1 / 60.0, "min"),
    "min": (1.0, "min"),
    "mm": (1.0, "mm"),
    "ml": (1.0, "ml"),
}
"""What people read, by the unit in which a number's name ends, and how to get there."""
_UNPRINTABLE = frozenset({"Cc", "Cs"})
"""Control characters, and halves of characters that came out of names of files."""


def print_result(console: Console, result: dict[str, Any]) -> None:
    """Print one region's numbers.

    Parameters
    ----------
    console : Console
    result : dict
        As `node.case.report.RoiResult.as_data` gives it.
    """
    console.print(_result(result))


def print_text(console: Console, text: str, *, indent: int = 0, hang: int = 0) -> None:
    """Print a text at an indent, its further lines by `hang` deeper.

    A word that is longer than the line, a UID say, is never broken.

    Parameters
    ----------
    console : Console
    text : str
        Printable; never markup.
    indent, hang : int
        In characters.
    """
    for line in _lines(text, console.width, indent, hang) or [""]:
        console.print(line, markup=False, soft_wrap=True)


def print_held(console: Console, held: Iterable[dict[str, Any]]) -> None:
    """Print what could not be scored, with reason and remedy.

    Parameters
    ----------
    console : Console
    held : iterable of dict
        With `reason`, `detail` and `study_instance_uid`.
    """
    for item in held:
        reason = item["reason"]
        words = f"held {reason}: {printable(item['detail'])}"
        # A UID or a path that were broken could not be copied.
        text = Text("\n".join(_lines(words, console.width)))
        text.stylize("bold yellow", 0, len("held"))
        text.stylize("bold", len("held "), len(f"held {reason}"))
        console.print(text, soft_wrap=True)


def _lines(text: str, width: int, indent: int = 0, hang: int = 0) -> list[str]:
    """Return the lines of a text, of which no word is broken."""
    return textwrap.wrap(
        text,
        width=max(width, indent + hang + 1),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hang),
        break_long_words=False,
        break_on_hyphens=False,
    )


def printable(text: str) -> str:
    """Return a text without the characters by which an object steers a terminal."""
    return "".join(
        character
        for character in text
        if character == "\n" or unicodedata.category(character) not in _UNPRINTABLE
    )


def _result(result: dict[str, Any]) -> RenderableType:
    parts: list[RenderableType] = [
        Text.assemble(
            (printable(result["roi"]), "bold"),
            f"  {result['voxels']} voxels,"
            f" {shown_number(result['suv']['volume_ml'], 4)} ml",
            f"  animal {printable(result['animal_id'])}",
        ),
        Padding(_figures(result), (0, 0, 0, 2)),
    ]
    parts.extend(
        Padding(Text(f"! {printable(warning)}", style="yellow"), (0, 0, 0, 2))
        for warning in (*result["warnings"], "For research use only.")
    )
    return Group(*parts)


def _figures(result: dict[str, Any]) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    suv = result["suv"]
    table.add_row(
        "SUVbw",
        f"min {shown_number(suv['min'])}  median {shown_number(suv['median'])}  "
        f"mean {shown_number(suv['mean'])}  max {shown_number(suv['max'])}  "
        f"SD {shown_number(suv['sd'])} g/ml",
    )
    # A result of an earlier version has none of these.
    if "peak" in suv:
        table.add_row("", _uptake(suv))
    dose = result.get("percent_injected_dose_per_gram")
    if dose is not None:
        table.add_row(
            "%ID/g",
            f"mean {shown_number(dose['mean'])}  max {shown_number(dose['max'])}"
            "  (tissue of 1 g/ml)",
        )
    table.add_row("by rule", Text(printable(result["suv_rule"])))
    if result.get("suv_numbers"):
        table.add_row("from", _numbers(result["suv_numbers"]))
    if result.get("context"):
        table.add_row("context", _context(result["context"]))
    table.add_row(
        "features",
        "  ".join(
            f"{name} {shown_number(value, 5)}"
            for name, value in result["features"].items()
        ),
    )
    for name, told in score_rows(result):
        table.add_row(name, told)
    return table


def _uptake(suv: Mapping[str, float | None]) -> str:
    diameter = shown_number(suv["peak_diameter_mm"])
    threshold = shown_number(suv["mtv_threshold_percent"])
    return (
        f"peak {shown_number(suv['peak'])} g/ml (sphere of {diameter} mm)  "
        f"MTV {shown_number(suv['mtv_ml'], 4)} ml  "
        f"TLG {shown_number(suv['tlg_g'], 4)} g (from {threshold} % of the maximum)"
    )


def _numbers(numbers: Mapping[str, float | None]) -> Text:
    """Return what SUV was made from, in the units that people use."""
    return Text("  ".join(_number(name, value) for name, value in numbers.items()))


def _number(name: str, value: float | None) -> str:
    words, _, unit = printable(name).rpartition("_")
    if unit not in _READABLE or value is None:
        return f"{printable(name).replace('_', ' ')} {shown_number(value, 4)}"
    factor, shown = _READABLE[unit]
    return f"{words.replace('_', ' ')} {shown_number(value * factor, 4)} {shown}"


def _context(context: Mapping[str, str]) -> Text:
    return Text(
        "  ".join(
            f"{printable(name)} {printable(value)}" for name, value in context.items()
        )
    )
