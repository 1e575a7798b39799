"""Tables as a laboratory has them: flow cytometry, CIBERSORTx, design.

Numbers are drawn around what is true of each tumour, with the errors that are stated
here and in ``docs/paper.md``.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from tests.paper.scans import Scan
from tests.paper.truth import SEED, Tumour

ERROR_OF_TERMINAL = 0.03
ERROR_OF_EARLY = 0.03
ERROR_OF_MFI = 0.08
"""Relative."""
ERROR_OF_INFILTRATION = 0.008
INSIGNIFICANT = 0.1
"""Share of CIBERSORTx rows with P of 0.05 or more."""

_OTHERS = {
    "T cells CD4 memory resting": 2.0,
    "NK cells resting": 1.0,
    "Macrophages M0": 4.0,
    "Macrophages M1": 1.5,
    "Macrophages M2": 3.0,
    "Dendritic cells activated": 1.0,
    "Neutrophils": 2.0,
}
_FLOW, _FRACTIONS = 1, 2


def write_flow(tumours: Iterable[Tumour], path: Path) -> None:
    """Write flow cytometry of the animals that were killed, in per cent."""
    rows = []
    for tumour in tumours:
        if not tumour.killed:
            continue
        draw = _draw(_FLOW, tumour)
        terminal = _proportion(tumour.terminal + ERROR_OF_TERMINAL * draw.normal())
        early = _proportion(
            0.6 - 0.55 * tumour.terminal + ERROR_OF_EARLY * draw.normal()
        )
        mfi = (2000 + 9000 * tumour.terminal) * np.exp(ERROR_OF_MFI * draw.normal())
        rows.append(
            {
                "animal": tumour.animal,
                "day": tumour.day,
                "early %": f"{100 * early:.2f}",
                "terminal %": f"{100 * terminal:.2f}",
                "early_to_terminal": f"{early / terminal:.4f}",
                "mfi": f"{mfi:.0f}",
            }
        )
    _write(rows, path)


def write_fractions(tumours: Iterable[Tumour], path: Path) -> None:
    """Write fractions of cells of the animals that were killed, as CIBERSORTx does."""
    rows = []
    for tumour in tumours:
        if not tumour.killed:
            continue
        draw = _draw(_FRACTIONS, tumour)
        cd8 = _proportion(tumour.infiltration + ERROR_OF_INFILTRATION * draw.normal())
        others = (1.0 - cd8) * draw.dirichlet([10 * each for each in _OTHERS.values()])
        doubtful = draw.random() < INSIGNIFICANT
        p_value = draw.uniform(0.05, 0.6) if doubtful else draw.uniform(0.0, 0.04)
        rows.append(
            {
                "Mixture": tumour.sample,
                "T cells CD8": f"{cd8:.6f}",
                **{
                    name: f"{fraction:.6f}"
                    for name, fraction in zip(_OTHERS, others, strict=True)
                },
                "P-value": f"{p_value:.3f}",
                "Correlation": f"{draw.uniform(0.3, 0.8):.4f}",
                "RMSE": f"{draw.uniform(0.8, 1.1):.4f}",
            }
        )
    _write(rows, path)


def write_design(scans: Iterable[Scan], path: Path) -> None:
    """Write which scan is of which animal, tumour model, group and day."""
    rows = []
    for scan in scans:
        tumour = scan.tumour
        day = tumour.irradiation_day
        rows.append(
            {
                "animal": tumour.animal,
                "day": tumour.day,
                "tumour_model": tumour.tumour_model,
                "group": tumour.group,
                "irradiation_day": "" if day is None else day,
                "sample": tumour.sample,
                "study_instance_uid": scan.study_instance_uid,
                "route": "intraperitoneal",
            }
        )
    _write(rows, path)


def _write(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def _draw(kind: int, tumour: Tumour) -> np.random.Generator:
    return np.random.default_rng([SEED, kind, tumour.seed, tumour.day])


def _proportion(value: float) -> float:
    return float(np.clip(value, 0.01, 0.99))
