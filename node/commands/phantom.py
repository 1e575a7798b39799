"""``phantom``: an Inveon-like study with a known answer, as a folder of files."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from dicom_io.phantom.study import ROI_NAME, Encoder, StudyOptions, phantom_study
from model.phantom import Canvas, Phantom, PhantomSpec, make_phantom
from model.phantom_frames import (
    DYNAMIC_SCAN_S,
    DYNAMIC_UPTAKE_S,
    phantom_frames,
)
from model.phantom_spec import ImpossiblePhantomError
from node.commands.options import json_option, notes, parse_instant, print_json

DEFAULT_AT = "2026-03-02T10:00:00+08:00"
"""A fixed instant, so that the same seed gives the same bytes."""

TRUTH_FILE = "truth.json"

_FOLDERS = {"PT": "PET", "CT": "CT", "RTSTRUCT": "RTSTRUCT"}
_DEFAULTS = PhantomSpec(seed=0)


@click.command("phantom", short_help="Write an Inveon-like study with a known answer.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the study; made if missing, refused unless empty.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Of texture and noise; the same seed and options give the same bytes.",
)
@click.option(
    "--slices", type=int, default=_DEFAULTS.slices, show_default=True, help="Of PET."
)
@click.option(
    "--matrix",
    "--rows",
    "matrix",
    type=int,
    default=_DEFAULTS.rows,
    show_default=True,
    help="Rows and columns of the PET, 0.8 mm each.",
)
@click.option(
    "--ct-matrix",
    type=int,
    default=_DEFAULTS.ct_matrix,
    show_default=True,
    help="Rows and columns of the CT, over 99.84 mm; the scanner's own is 512.",
)
@click.option(
    "--ct-slices", type=int, help="Of CT, over the length of the PET; as many if unset."
)
@click.option(
    "--drawn-on",
    type=click.Choice([canvas.value for canvas in Canvas]),
    default=Canvas.PET.value,
    show_default=True,
    help="The image on which the tumour was outlined.",
)
@click.option(
    "--more-rois", is_flag=True, help="Outline the tumour's core and the body as well."
)
@click.option(
    "--heterogeneity",
    type=float,
    default=_DEFAULTS.heterogeneity,
    show_default=True,
    help="Deviation of the tumour's uptake over its mean, 0 to 0.55.",
)
@click.option(
    "--correlation-length-mm",
    type=float,
    default=_DEFAULTS.correlation_length_mm,
    show_default=True,
    help="Of the tumour's texture.",
)
@click.option(
    "--tumor-diameter-mm",
    type=float,
    default=_DEFAULTS.tumour_diameter_mm,
    show_default=True,
    help="Of the sphere of the tumour's volume.",
)
@click.option(
    "--tumor-suv",
    type=float,
    default=_DEFAULTS.tumour_suv,
    show_default=True,
    help="Mean uptake of the tumour before resolution and noise, g/ml.",
)
@click.option(
    "--noise",
    type=float,
    default=_DEFAULTS.noise,
    show_default=True,
    help="Deviation of the PET's noise where the SUV is 1, g/ml.",
)
@click.option(
    "--weight-g",
    type=float,
    default=_DEFAULTS.weight_g,
    show_default=True,
    help="Gram.",
)
@click.option(
    "--activity-mbq",
    type=float,
    default=_DEFAULTS.injected_activity_bq / 1e6,
    show_default=True,
    help="Injected an hour before the scan, or 208 s after a dynamic one began.",
)
@click.option(
    "--slope-per-slice",
    is_flag=True,
    help="A rescale slope for every PET slice; the scanner has one for a time frame.",
)
@click.option(
    "--time-frames",
    type=int,
    default=1,
    show_default=True,
    help="More than 1: a dynamic PET of 80 minutes that began before the injection.",
)
@click.option(
    "--at",
    callback=parse_instant,
    default=DEFAULT_AT,
    show_default=True,
    metavar="INSTANT",
    help="Start of the PET scan; every date follows from it.",
)
@json_option
def phantom_command(
    *,
    out: Path,
    matrix: int,
    drawn_on: str,
    more_rois: bool,
    tumor_diameter_mm: float,
    tumor_suv: float,
    activity_mbq: float,
    slope_per_slice: bool,
    time_frames: int,
    at: datetime,
    as_json: bool,
    **same_name: Any,
) -> None:
    """Write PET, CT and contours of a mouse with a flank tumour, and the truth.

    The study has the peculiarities of Inveon exports; truth.json says what a correct
    reading of it finds.
    """
    _require_empty(out)
    try:
        spec = PhantomSpec(
            rows=matrix,
            columns=matrix,
            tumour_diameter_mm=tumor_diameter_mm,
            tumour_suv=tumor_suv,
            injected_activity_bq=round(activity_mbq * 1e6, 3),
            **_timing(time_frames),
            **same_name,
        )
        phantom_frames(spec, time_frames)
        phantom = make_phantom(spec)
    except ImpossiblePhantomError as error:
        advice = f"{error}. {error.remedy}"
        raise click.UsageError(advice) from None
    options = StudyOptions(
        at=at,
        drawn_on=Canvas(drawn_on),
        more_rois=more_rois,
        slope_per_slice=slope_per_slice,
        time_frames=time_frames,
    )
    truth = _write_showing_progress(phantom, options, out)
    if as_json:
        print_json(truth)
    else:
        click.echo(_told(truth, out))


def _timing(time_frames: int) -> dict[str, Any]:
    """Return when a scan was, as far as a dynamic one differs from a static one."""
    if time_frames == 1:
        return {}
    return {"uptake_s": DYNAMIC_UPTAKE_S, "scan_s": DYNAMIC_SCAN_S}


def write_phantom(
    phantom: Phantom,
    options: StudyOptions,
    out: Path,
    advance: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Write a phantom's study and its truth into a folder.

    Parameters
    ----------
    phantom : Phantom
    options : StudyOptions
    out : Path
        Made when it is missing; gets ``PET``, ``CT``, ``RTSTRUCT`` and `TRUTH_FILE`.
    advance : callable
        Called after every object.

    Returns
    -------
    dict
        The content of `TRUTH_FILE`.
    """
    encoder = Encoder()
    objects: dict[str, int] = {}
    series: dict[str, str] = {}
    study = ""
    for dataset in phantom_study(phantom, options):
        name = _FOLDERS[dataset.Modality]
        number = objects.get(name, 0) + 1
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:04d}.dcm").write_bytes(encoder.encoded(dataset))
        objects[name], series[name] = number, str(dataset.SeriesInstanceUID)
        study = str(dataset.StudyInstanceUID)
        advance()
    truth = {
        "study_instance_uid": study,
        "series_instance_uids": series,
        "objects": objects,
        **_truth(phantom, options),
    }
    (out / TRUTH_FILE).write_text(json.dumps(truth, indent=2) + "\n", encoding="ascii")
    return truth


def _truth(phantom: Phantom, options: StudyOptions) -> dict[str, Any]:
    """Return what a correct reading finds, with the keys of ``score --json``."""
    tumour = phantom.truth(options.drawn_on)
    frames = phantom_frames(phantom.spec, options.time_frames)
    # One slope for all slices is the coarsest quantisation there is.
    brightest = max(frame.uptake for frame in frames if frame.averaged)
    step = float(phantom.suv.values.max()) * brightest / 32767.0
    return {
        "roi": ROI_NAME,
        "drawn_on": options.drawn_on.value,
        "voxels": tumour.voxels,
        "suv": {
            "min": tumour.suv_min,
            "median": tumour.suv_median,
            "mean": tumour.suv_mean,
            "max": tumour.suv_max,
            "volume_ml": tumour.volume_ml,
        },
        "suv_stored_step": step,
        "activity_balance": phantom.activity_balance,
        "tumour": asdict(phantom.tumour),
        "pet_at": options.at.isoformat(),
        "time_frames": [asdict(frame) for frame in frames],
        "specification": asdict(phantom.spec),
    }


def _write_showing_progress(
    phantom: Phantom, options: StudyOptions, out: Path
) -> dict[str, Any]:
    spec = phantom.spec
    terminal = notes()
    pet = spec.pet_grid.shape[0] * options.time_frames
    total = pet + spec.ct_grid.shape[0] + 1
    hidden = not terminal.is_terminal
    with Progress(console=terminal, transient=True, disable=hidden) as bar:
        task = bar.add_task("Writing the phantom", total=total)
        return write_phantom(phantom, options, out, lambda: bar.advance(task))


def _require_empty(out: Path) -> None:
    if out.exists() and any(out.iterdir()):
        raise FolderNotEmptyError(out)


class FolderNotEmptyError(click.BadParameter):
    """Files of another study could be taken for this one's."""

    def __init__(self, out: Path) -> None:
        super().__init__(
            f"{out} is not empty; name a new folder, or empty this one",
            param_hint="--out",
        )


def _told(truth: dict[str, Any], out: Path) -> str:
    objects, suv = truth["objects"], truth["suv"]
    return f"""\
{objects["PET"]} PET, {objects["CT"]} CT, {objects["RTSTRUCT"]} RTSTRUCT in {out}
{truth["roi"]}, drawn on the {truth["drawn_on"].upper()}: {truth["voxels"]} voxels, \
{suv["volume_ml"]:.3f} ml
SUVbw min {suv["min"]:.3f}, median {suv["median"]:.3f}, mean {suv["mean"]:.3f}, \
max {suv["max"]:.3f} g/ml
What a correct reading finds: {out / TRUTH_FILE}"""
