"""``repeatability``: which features say the same when nothing has changed."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from model.features.feature import CT, PET
from model.learning.repeatability.keeping import CCC_CT, CCC_PET, DecidedOn
from node import clock
from node.commands.exits import EXIT_HELD
from node.commands.options import (
    config_option,
    console,
    json_option,
    notes,
    print_json,
    settings_of,
    species_option,
    writable_folder,
)
from node.display import print_held, print_text
from node.learning.repeatability_report import (
    records,
    repeatability_document,
    shown_interval,
    shown_number,
    told,
)
from node.learning.repeatability_results import Thresholds
from node.learning.repeatability_rows import RepeatedRows
from node.learning.repeatability_run import (
    RepeatabilityRun,
    as_summary,
    run_repeatability,
)
from node.learning.repeatability_studies import (
    PairBy,
    StudyOptions,
    read_retest_studies,
    study_extraction,
)
from node.learning.repeatability_table_in import TableOptions, read_retest_tables
from node.learning.report import findings_table, json_ready, write_report

_THRESHOLD = click.FloatRange(-1, 1)


def _parse_repeats(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[int, ...]:
    parts = value.split(",") if value else []
    if not all(part.strip().isdecimal() for part in parts):
        fact = f"{value!r} are no repeats such as 1,2"
        raise click.BadParameter(fact)
    return tuple(int(part) for part in parts)


def _parse_columns(
    _context: click.Context, _parameter: click.Parameter, value: Sequence[str]
) -> dict[str, str]:
    for each in value:
        if "=" not in each.strip("="):
            fact = f"{each!r} is not of the form NAME=HEADER"
            raise click.BadParameter(fact)
    return {name: header for name, _, header in (each.partition("=") for each in value)}


@click.command("repeatability")
@click.option(
    "--features",
    "tables",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Table of features with the columns animal and repeat; may be given again.",
)
@click.option(
    "--test",
    type=click.Path(path_type=Path, exists=True),
    help="Instead of a table: folder, zip file or DICOMDIR with the first scans.",
)
@click.option(
    "--retest",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="The same with the second scans; again for the third, and so on.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the report.",
)
@click.option(
    "--ccc-pet",
    type=_THRESHOLD,
    default=CCC_PET,
    show_default=True,
    help="A PET feature is kept above this concordance.",
)
@click.option(
    "--ccc-ct",
    type=_THRESHOLD,
    default=CCC_CT,
    show_default=True,
    help="A CT feature is kept above this concordance.",
)
@click.option(
    "--on",
    type=click.Choice([str(each) for each in DecidedOn]),
    default=str(DecidedOn.ESTIMATE),
    show_default=True,
    help="Compared with the threshold: the estimate, as in the paper, or the lower "
    "limit of its 95 % interval.",
)
@click.option(
    "--repeats",
    metavar="1,2",
    callback=_parse_repeats,
    help="Which repeats are compared; all without it.",
)
@click.option(
    "--column",
    "columns",
    metavar="NAME=HEADER",
    multiple=True,
    callback=_parse_columns,
    help="The header under which a table has the column animal, repeat, roi, modality, "
    "profile or profile_sha256, or a feature of the catalogue.",
)
@click.option(
    "--feature",
    "named",
    metavar="HEADER",
    multiple=True,
    help="A further column of a table that is a feature.",
)
@click.option(
    "--modality",
    "modalities",
    type=click.Choice([PET, CT]),
    multiple=True,
    default=[PET],
    show_default=True,
    help="Of which images of the studies; give both for both.",
)
@click.option(
    "--pair-by",
    type=click.Choice([str(each) for each in PairBy]),
    default=str(PairBy.ANIMAL),
    show_default=True,
    help="What scans of one subject have in common: the animal as the node knows it, "
    "the PatientID, or the name of their folder below --test and --retest.",
)
@click.option(
    "--roi",
    "rois",
    metavar="PATTERN",
    multiple=True,
    help="Only these regions of the studies, * and ? allowed.",
)
@click.option(
    "--profile",
    metavar="NAME|FILE",
    help="How the features of studies are computed, as in the command features.",
)
@config_option
@species_option
@json_option
@click.pass_context
def repeatability_command(
    context: click.Context,
    *,
    tables: tuple[Path, ...],
    test: Path | None,
    retest: tuple[Path, ...],
    out: Path,
    ccc_pet: float,
    ccc_ct: float,
    on: str,
    repeats: tuple[int, ...],
    columns: dict[str, str],
    named: tuple[str, ...],
    modalities: tuple[str, ...],
    pair_by: str,
    rois: tuple[str, ...],
    profile: str | None,
    config_file: Path | None,
    species: str | None,
    as_json: bool,
) -> None:
    """Tell which features repeat when an animal is scanned twice.

    Reads a table with one row a scan and region:

    \b
      animal,repeat,roi,modality,glcm_Contrast,glcm_Homogeneity2
      m01,1,Tumor,PET,812.4,0.0312
      m01,2,Tumor,PET,790.9,0.0325

    or two folders of DICOM studies with RTSTRUCT or SEG, --test and --retest. For each
    feature: Lin's concordance correlation coefficient (CCC) with its interval, ICC,
    within-subject coefficient of variation, repeatability coefficient and bias.

    Writes to --out: repeatability.csv (every feature), kept.csv (those above the
    threshold, for train --kept), findings.csv (rows that were not simply used),
    report.html, report.pdf, summary.json.

    Exit code 3 says that something could not be assessed; the report is written.
    """  # noqa: D301 (click's mark before lines that stay apart)
    if bool(tables) == bool(test) or bool(test) != bool(retest):
        fact = "Give either --features, or --test together with --retest."
        raise click.UsageError(fact)
    writable_folder(out)
    if tables:
        rows = read_retest_tables(tables, TableOptions(columns, named))
    else:
        settings = settings_of(config_file, species=species)
        options = StudyOptions(
            study_extraction(settings, profile, rois),
            tuple(dict.fromkeys(modalities)),
            PairBy(pair_by),
        )
        rows = _measured([*filter(None, [test]), *retest], options)
    run = run_repeatability(rows, Thresholds(ccc_pet, ccc_ct, DecidedOn(on)), repeats)
    _finish(run, out, _settings(context), as_json=as_json)


def _measured(folders: Sequence[Path], options: StudyOptions) -> RepeatedRows:
    with notes().status("reading studies") as status:
        return read_retest_studies(folders, options, status.update)


def _settings(context: click.Context) -> dict[str, Any]:
    """Return the options as people type them; where results go is none of theirs."""
    beside = {"out", "as_json"}
    return {
        parameter.opts[0]: _without_folder(context.params[parameter.name])
        for parameter in context.command.params
        if parameter.name in context.params and parameter.name not in beside
    }


def _without_folder(value: Any) -> Any:
    """Return a path's last name; its folders may name a person."""
    if isinstance(value, Path):
        return value.name
    return [_without_folder(each) for each in value] if _is_several(value) else value


def _is_several(value: Any) -> bool:
    return isinstance(value, tuple | list)


def _finish(
    run: RepeatabilityRun, out: Path, settings: dict[str, Any], *, as_json: bool
) -> None:
    document = repeatability_document(run, settings, clock.now())
    names = {
        "repeatability": run.results,
        "kept": run.kept,
        "findings": findings_table(run.findings),
    }
    summary = {"command": "repeatability", **as_summary(run), "settings": settings}
    files = [*(f"{each}.csv" for each in names), "report.html", "report.pdf"]
    summary = json_ready({**summary, "files": [*files, "summary.json"]})
    write_report(document, out, names, summary)
    if as_json:
        print_json(summary)
    else:
        _show(run, out)
    print_held(notes(), [dict(each) for each in run.rows.held])
    if run.refused:
        sys.exit(EXIT_HELD)


def _show(run: RepeatabilityRun, out: Path) -> None:
    page = console()
    for outcome in run.outcomes:
        print_text(page, told(outcome))
    if not run.outcomes:
        print_text(page, "Nothing was measured.")
    for caution in run.cautions:
        print_text(page, f"! {caution}", hang=2)
    if len(run.kept):
        page.print(_kept_table(run))
    if run.findings:
        print_text(page, f"{len(run.findings)} findings about rows: findings.csv")
    page.print(f"wrote {out / 'report.html'}", soft_wrap=True, markup=False)


def _kept_table(run: RepeatabilityRun) -> Table:
    table = Table("kept", box=None, pad_edge=False)
    for title in ("CCC", "repeatability coefficient"):
        table.add_column(title, justify="right")
    for row in records(run.kept):
        table.add_row(
            str(row["name"]),
            shown_interval(row),
            shown_number(row["repeatability_coefficient"]),
        )
    return table
