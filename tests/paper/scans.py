"""Scans of the tumours: DICOM studies, and what the node measures of them.

Design choice: what the commands get of a scan came out of DICOM by the node's own way:
PET and contours are written as an Inveon and a contouring station write them, and read
back by ``exhaustion-node features``. The CT is left out: a phantom's has no texture
that would follow anything, and none of its features enters.

Design choice: a retest is the same tumour in another scan: the scanner sees the same
uptake with noise of its own, and the contour stays as it was drawn.
"""

import csv
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from dicom_io.phantom.study import Encoder, StudyOptions, phantom_study
from model.grid import Volume
from model.phantom import NOISE_FLOOR_SUV, Phantom, make_phantom
from model.phantom_spec import PhantomSpec
from tests.paper.truth import Tumour
from tests.support.service import command

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


@dataclass(frozen=True)
class Scanned:
    """What came of a group.

    Attributes
    ----------
    scans : tuple of Scan
    features : tuple of Path
        Tables as ``exhaustion-node features --table`` writes them.
    studies : tuple of Path
        Folders of the DICOM studies, one for each table.
    """

    scans: tuple[Scan, ...]
    features: tuple[Path, ...]
    studies: tuple[Path, ...]


class UnmeasuredError(Exception):
    """The node did not measure what was scanned."""


def scanned(
    name: str,
    tumours: Iterable[Tumour],
    folder: Path,
    *,
    repeat: int = 1,
    processes: int = 1,
) -> Scanned:
    """Scan tumours and measure the scans.

    Parameters
    ----------
    name : str
        Of the group, for the files.
    tumours : iterable of Tumour
    folder : Path
        For the DICOM studies and the tables.
    repeat : int
        1, or 2 for the retest.
    processes : int
        That share the work, each with a table of its own.
    """
    everyone = tuple(tumours)
    shares = [
        (everyone[k::processes], folder / f"{name}-{k + 1}") for k in range(processes)
    ]
    work = partial(_scan_and_measure, repeat=repeat)
    if processes == 1:
        scans = [work(*share) for share in shares]
    else:
        # Processes that were forked would share locks of threads that they lack.
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            scans = list(pool.map(work, *zip(*shares, strict=True)))
    return Scanned(
        tuple(scan for share in scans for scan in share),
        tuple(table_of(place) for _, place in shares),
        tuple(place for _, place in shares),
    )


def table_of(studies: Path) -> Path:
    """Return where the features of a folder of studies are written."""
    return studies.with_name(f"{studies.name}-features.csv")


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


def _scan_and_measure(
    tumours: Sequence[Tumour], folder: Path, repeat: int
) -> list[Scan]:
    scans = [_write(tumour, repeat, folder) for tumour in tumours]
    table = table_of(folder)
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


def _write(tumour: Tumour, repeat: int, folder: Path) -> Scan:
    """Write a scan's PET and contours, and return it with its study's UID."""
    place = folder / f"{tumour.sample}-{repeat}"
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
