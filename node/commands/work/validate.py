"""``validate``: how well a score model does on a site's own labels."""

import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.learning.estimate import Assessed, NotAssessable
from node import clock
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    console,
    print_json,
    settings_of,
    writable_folder,
)
from node.commands.work.as_typed import as_typed
from node.learning.report.writing import json_ready, write_report
from node.learning.tables.choice import TableChoice
from node.learning.validation.numbers import Drawing, Validation
from node.learning.validation.report import (
    apparent_text,
    remarks_of,
    validation_document,
    validation_summary,
    validation_tables,
)
from node.learning.validation.rows import left_out_of, outside_of
from node.learning.validation.run import LabelOptions, run_validation
from node.learning.validation.setting import Setting
from node.learning.validation.words import QUANTITIES, assessed_text, left_out_lines


def do_validate(
    *,
    tables: TableChoice,
    model: str,
    label: str | None,
    cut_off: str | None,
    grouping: str,
    apparent: bool,
    out: Path,
    resamples: int,
    seed: int,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """Do what ``validate`` was asked."""
    settings = settings_of(config_file)
    writable_folder(out)
    labels = LabelOptions(model, label, cut_off, grouping)
    found = run_validation(
        tables, settings, labels, Drawing(seed, resamples), declared_apparent=apparent
    )
    options = as_typed(
        {
            **vars(tables),
            **vars(labels),
            "apparent": apparent,
            "resamples": resamples,
        }
    )
    document = validation_document(found, options, clock.now())
    summary = validation_summary(found)
    files = write_report(document, out, validation_tables(found), summary)
    if as_json:
        print_json(json_ready({**summary, "files": files}))
    else:
        _show(console(), found, out)
    if isinstance(found.numbers["c_index"], NotAssessable):
        sys.exit(EXIT_HELD)


def _show(page: Console, found: Validation, out: Path) -> None:
    rows = found.rows
    name = f"{rows.model.name} {rows.model.version}"
    page.print(f"[bold]{escape(name)}[/bold], {found.setting.setting}", soft_wrap=True)
    page.print(
        f"{len(rows.scores)} scans of {rows.animals} animals, "
        f"{int(found.labels.sum())} with {escape(found.rule.text)}",
        soft_wrap=True,
    )
    page.print(_numbers(found.numbers))
    if found.setting.setting is Setting.APPARENT:
        page.print(escape(apparent_text(found)), style="yellow")
    for remark in remarks_of(rows):
        page.print(escape(remark), style="yellow")
    for fact, count in outside_of(rows).items():
        page.print(f"outside the domain: {escape(fact)} ({count} rows)", soft_wrap=True)
    for line in left_out_lines(left_out_of(rows)):
        page.print(escape(line), soft_wrap=True)
    page.print(f"wrote {out / 'report.html'}", soft_wrap=True)


def _numbers(numbers: Mapping[str, Assessed]) -> Table:
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, number in numbers.items():
        table.add_row(QUANTITIES[name].title, escape(assessed_text(number)))
    return table
