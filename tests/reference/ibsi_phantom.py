"""The digital phantom of IBSI 1 with its consensus values, and what is claimed of them.

``python -m tests.reference.ibsi_phantom`` writes the tables of `docs/ibsi.md`; a test
says when they are out of date.
"""

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np

from model.features.ibsi.configuration import (
    Family,
    IbsiAggregation,
    IbsiConfiguration,
)
from model.features.ibsi.families import ibsi_features
from model.features.ibsi.tags import TAG_BY_STEM, TAGS, tag_of
from model.features.preparation import Discretisation
from model.features.vector import FeatureVector
from model.grid import Grid, Mask, Volume
from tests.support.shared import SHARED_DATA

PHANTOM = SHARED_DATA / "ibsi-1-digital-phantom"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "ibsi.md"

CONFIGURATION = IbsiConfiguration(
    resampling=None,
    resegmentation=None,
    discretisation=Discretisation.NONE,
    bins=None,
    bin_size=None,
    lowest=None,
    aggregations=tuple(IbsiAggregation),
    families=tuple(Family),
)
"""The phantom's intensities are its grey levels (1, 3, 4, 6)."""

NOT_COMPUTED = {
    "szm": "grey level size zone matrix: the paper's features have none",
    "dzm": "grey level distance zone matrix: the paper's features have none",
    "ngt": "neighbourhood grey tone difference matrix: the paper's features have none",
    "ngl": "neighbouring grey level dependence matrix: the paper's features have none",
}
NO_CONSENSUS = "the standard has no consensus value"


@dataclass(frozen=True)
class Consensus:
    """A consensus value.

    Attributes
    ----------
    value : float or None
        None where there was no consensus.
    tolerance : float
        As published; where that is 0, half a unit of the third significant digit, to
        which the values are published.
    """

    value: float | None
    tolerance: float

    def met_by(self, value: float) -> bool:
        """Return whether a value agrees with the consensus."""
        if self.value is None:
            return False
        # Relative to the value's own rounding, a published bound belongs to the range.
        return abs(value - self.value) <= self.tolerance * (1 + 1e-9)


def consensus_values() -> dict[str, Consensus]:
    """Every tag of the published table, in its order."""
    with (PHANTOM / "reference_values.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return {row["tag"]: _consensus(row) for row in rows}


def _consensus(row: Mapping[str, str]) -> Consensus:
    if not row["reference value"]:
        return Consensus(None, 0.0)
    value = float(row["reference value"])
    published = float(row["tolerance"])
    if published or not value:
        return Consensus(value, published)
    third_digit = math.floor(math.log10(abs(value))) - 2
    return Consensus(value, 0.5 * 10.0**third_digit)


def phantom_features() -> FeatureVector:
    """The features of the phantom, as the standard prepares it: not at all."""
    folder = PHANTOM / "nifti"
    image = nibabel.Nifti1Image.from_filename(folder / "image" / "phantom.nii.gz")
    region = nibabel.Nifti1Image.from_filename(folder / "mask" / "mask.nii.gz")
    values = np.asarray(image.dataobj, np.float64).transpose(2, 1, 0)
    inside = np.asarray(region.dataobj).transpose(2, 1, 0) > 0
    column, row, slice_ = (float(size) for size in image.header["pixdim"][1:4])
    grid = Grid(
        shape=(values.shape[0], values.shape[1], values.shape[2]),
        origin_mm=(0.0, 0.0, 0.0),
        slice_step_mm=(0.0, 0.0, slice_),
        row_step_mm=(0.0, row, 0.0),
        column_step_mm=(column, 0.0, 0.0),
        frame_of_reference="1.2.3",
    )
    return ibsi_features(Volume(grid, values, "1"), Mask(grid, inside), CONFIGURATION)


def group_of(tag: str) -> str:
    """Return the row of the table that a tag of the published table belongs to."""
    if tag not in claimed():
        family = tag.partition("_")[0]
        return family if family in NOT_COMPUTED else tag
    row = tag_of(tag)
    aggregation = tag.removeprefix(row.stem).removeprefix("_")
    return f"{row.family} {aggregation}".strip()


def claimed() -> frozenset[str]:
    """Every tag that `ibsi_features` computes under the phantom's configuration."""
    return frozenset(
        name
        for tag in TAGS
        for name in (
            [f"{tag.stem}_{aggregation}" for aggregation in IbsiAggregation]
            if tag.family in {Family.COOCCURRENCE, Family.RUN_LENGTH}
            else [tag.stem]
        )
    )


def claims_markdown() -> str:
    """Return the table of claimed, matched and not claimed consensus values."""
    published = consensus_values()
    found = phantom_features().values
    groups: dict[str, list[str]] = {}
    for tag in published:
        groups.setdefault(group_of(tag), []).append(tag)
    lines = [
        "| family and aggregation | published | claimed | matched | why not |",
        "|---|---|---|---|---|",
    ]
    total = [0, 0, 0]
    for group, tags in groups.items():
        with_value = [tag for tag in tags if published[tag].value is not None]
        ours = [tag for tag in with_value if tag in found]
        matched = [tag for tag in ours if published[tag].met_by(found[tag])]
        why = NOT_COMPUTED.get(group, "" if with_value else NO_CONSENSUS)
        counts = [len(with_value), len(ours), len(matched)]
        total = [sum(pair) for pair in zip(total, counts, strict=True)]
        lines.append(f"| `{group}` | {' | '.join(map(str, counts))} | {why} |")
    lines.append(f"| all | {' | '.join(map(str, total))} | |")
    return "\n".join(lines)


def tags_markdown() -> str:
    """Return the table of every tag."""
    lines = ["| tag | IBSI code | feature | unit |", "|---|---|---|---|"]
    for stem, tag in TAG_BY_STEM.items():
        unit = tag.unit.replace("{image}", "image")
        lines.append(f"| `{stem}` | {tag.code} | {tag.name} | {unit} |")
    return "\n".join(lines)


def with_table(page: str, name: str, table: str) -> str:
    """Return the page with a table between its two marks."""
    marks = rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)"
    text, count = re.subn(
        marks, lambda mark: f"{mark[1]}\n{table}\n\n{mark[2]}", page, flags=re.DOTALL
    )
    if count != 1:
        msg = f"the page has {count} places for {name}"
        raise ValueError(msg)
    return text


def written_page() -> str:
    """Return the page as it should be."""
    page = with_table(PAGE.read_text(), "claims", claims_markdown())
    return with_table(page, "tags", tags_markdown())


if __name__ == "__main__":
    PAGE.write_text(written_page())
