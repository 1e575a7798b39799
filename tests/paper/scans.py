"""Scans of the tumours: DICOM studies, and what the node measures of them.

Design choice: what the commands get of a scan came out of DICOM by the node's own way:
PET and contours are written as an Inveon and a contouring station write them, and read
back by ``exhaustion-node features``. The CT is left out: a phantom's has no texture
that would follow anything, and none of its features enters.

Design choice: a retest is the same tumour in another scan: the scanner sees the same
uptake with noise of its own, and the contour stays as it was drawn.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from dicom_io.phantom.study import Encoder, StudyOptions, phantom_study
from model.grid import Volume
from model.phantom import NOISE_FLOOR_SUV, Phantom, make_phantom
from model.phantom_spec import PhantomSpec
from tests.paper.truth import Tumour
from tests.support.service import command

Result = TypeVar("Result")

PROFILE = "zhang2023-fine"
DAY_0 = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
RETEST_AFTER = timedelta(hours=2)
_SIDE, _SLICES = 52, 44
_OTHER_NOISE = 2**32
"""Seeds of retests begin here; those of tumours end before."""


@dataclass(frozen=True)
class Scan:
    """One scan of a tumour.

    Attributes
    ----------
    tumour : Tumour
    repeat : int
        1, and 2 for its retest.
    study_instance_uid : str
    """

    tumour: Tumour
    repeat: int
    study_instance_uid: str


class UnmeasuredError(Exception):
    """The node did not measure what was scanned."""


@dataclass(frozen=True)
class Scanned:
    """What came of a group, in as many parts as processes shared the work.

    Attributes
    ----------
    scans : tuple of Scan
    studies : tuple of Path
        Folders of the DICOM studies.
    features : tuple of Path
        The table of each, as ``exhaustion-node features --table`` writes it.
    """

    scans: tuple[Scan, ...]
    studies: tuple[Path, ...]
    features: tuple[Path, ...]


def scanned(
    name: str, tumours: Iterable[Tumour], folder: Path, *, processes: int
) -> Scanned:
    """Scan tumours and measure the scans.

    Parameters
    ----------
    name : str
        Of the group, for the files.
    tumours : iterable of Tumour
    folder : Path
        For the DICOM studies and the tables.
    processes : int
    """
    everyone = tuple(tumours)
    shares = [everyone[k::processes] for k in range(processes)]
    places = [folder / f"{name}-{k + 1}" for k in range(processes)]
    found = shared_out(_scan_and_measure, zip(shares, places, strict=True), processes)
    return Scanned(
        tuple(scan for share in found for scan in share),
        tuple(places),
        tuple(map(_table_of, places)),
    )


def shared_out(
    work: Callable[..., Result],
    tasks: Iterable[tuple[Any, ...]],
    processes: int,
) -> list[Result]:
    """Return what comes of each task, done by as many processes."""
    if processes == 1:
        return [work(*task) for task in tasks]
    # Processes that were forked would share locks of threads that they lack.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return list(pool.map(work, *zip(*tasks, strict=True)))


def write_scans(
    tumours: Iterable[Tumour], folder: Path, repeat: int = 1
) -> tuple[Scan, ...]:
    """Write the DICOM study of each tumour into a folder of its own.

    Parameters
    ----------
    tumours : iterable of Tumour
    folder : Path
    repeat : int
        1, or 2 for the retest.
    """
    return tuple(_write(tumour, repeat, folder) for tumour in tumours)


def phantom_of(tumour: Tumour, repeat: int = 1) -> Phantom:
    """Return the phantom of a tumour in one of its scans."""
    spec = PhantomSpec(
        seed=tumour.seed,
        slices=_SLICES,
        rows=_SIDE,
        columns=_SIDE,
        ct_matrix=_SIDE,
        heterogeneity=tumour.heterogeneity,
        correlation_length_mm=tumour.correlation_length_mm,
        tumour_diameter_mm=tumour.diameter_mm,
        tumour_suv=tumour.suv,
        weight_g=tumour.weight_g,
    )
    phantom = make_phantom(spec)
    return phantom if repeat == 1 else _scanned_again(phantom, repeat)


def _scanned_again(phantom: Phantom, repeat: int) -> Phantom:
    """Return a phantom under the noise of another seed."""
    spec = phantom.spec
    other = replace(spec, seed=spec.seed + repeat * _OTHER_NOISE)
    quiet, noisy = (make_phantom(replace(other, noise=n)) for n in (0.0, spec.noise))
    # Noise goes with the root of what the scanner sees (`model.phantom`).
    noise = (noisy.suv.values - quiet.suv.values) / _root(quiet.suv.values)
    seen = make_phantom(replace(spec, noise=0.0)).suv.values
    again = np.maximum(seen + noise * _root(seen), 0.0).astype(np.float32)
    return replace(phantom, suv=Volume(phantom.suv.grid, again, phantom.suv.unit))


def _root(uptake: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(uptake, np.float32(NOISE_FLOOR_SUV)))


def _scan_and_measure(tumours: Sequence[Tumour], folder: Path) -> tuple[Scan, ...]:
    scans = write_scans(tumours, folder)
    table = _table_of(folder)
    code, _, error = command(
        "features", str(folder), "--profile", PROFILE, "--table", str(table), "--json"
    )
    if code:
        raise UnmeasuredError(error)
    with table.open(encoding="utf-8", newline="") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    if rows != len(scans):
        message = f"{rows} of {len(scans)} scans were measured: {error}"
        raise UnmeasuredError(message)
    return scans


def _table_of(studies: Path) -> Path:
    return studies.with_name(f"{studies.name}-features.csv")


def _write(tumour: Tumour, repeat: int, folder: Path) -> Scan:
    """Write a scan's PET and contours, and return it with its study's UID."""
    place = folder / tumour.sample
    place.mkdir(parents=True)
    at = DAY_0 + timedelta(days=tumour.day) + (repeat - 1) * RETEST_AFTER
    encoder = Encoder()
    study = ""
    datasets = phantom_study(phantom_of(tumour, repeat), StudyOptions(at=at))
    for number, dataset in enumerate(datasets):
        if dataset.Modality != "CT":
            (place / f"{number:04d}.dcm").write_bytes(encoder.encoded(dataset))
            study = str(dataset.StudyInstanceUID)
    return Scan(tumour, repeat, study)
