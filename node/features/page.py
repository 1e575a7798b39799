"""Features as people read them in a terminal: family by family, with their units."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from model.features.definitions import FEATURE_BY_NAME, IMAGE_UNIT, Group
from model.features.ibsi.configuration import Family
from model.features.ibsi.tags import tag_of
from node.display import print_text, printable
from node.features.measuring import RoiFeatures

_DIGITS = 8
_NO_UNIT = "1"
_TITLES: dict[str, str] = {
    Group.INTENSITY_DIRECT: "Intensity direct",
    Group.INTENSITY_HISTOGRAM: "Intensity histogram",
    Group.SHAPE: "Shape",
    Group.GLCM: "Grey level co-occurrence",
    Group.GLRLM: "Grey level run length",
    Family.MORPHOLOGY: "Morphology",
    Family.LOCAL_INTENSITY: "Local intensity",
    Family.STATISTICS: "Intensity statistics",
    Family.INTENSITY_HISTOGRAM: "Intensity histogram",
    Family.INTENSITY_VOLUME_HISTOGRAM: "Intensity-volume histogram",
    Family.COOCCURRENCE: "Grey level co-occurrence",
    Family.RUN_LENGTH: "Grey level run length",
}
"""By the prefix of the features' names."""


def print_features(page: Console, found: Iterable[RoiFeatures]) -> None:
    """Print the features of regions.

    Parameters
    ----------
    page : Console
    found : iterable of RoiFeatures
    """
    for item in found:
        voxels = "1 voxel" if item.voxels == 1 else f"{item.voxels} voxels"
        unit = "" if item.unit == _NO_UNIT else f" in {printable(item.unit)}"
        page.print(
            Text.assemble(
                (printable(item.roi), "bold"),
                f"  {printable(item.modality)}{unit}, {voxels},"
                f" profile {item.profile.name}",
            )
        )
        page.print(Padding(_table(item), (0, 0, 0, 2)))
        for warning in item.warnings:
            print_text(page, printable(warning), indent=2, hang=2)


def _table(item: RoiFeatures) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for title, names in groupby(item.features, _family):
        _add_family(table, item, title, list(names))
    return table


def _add_family(
    table: Table, item: RoiFeatures, title: str, names: Sequence[str]
) -> None:
    table.add_row(Text(title, style="bold"))
    reasons = {item.undefined.get(name, "") for name in names}
    if len(names) > 1 and len(reasons) == 1 and "" not in reasons:
        all_of_them = f"  all {len(names)}"
        table.add_row(all_of_them, "undefined", Text(printable(reasons.pop())))
        return
    for name in names:
        value = item.features[name]
        if value is None:
            reason = printable(item.undefined.get(name, ""))
            table.add_row(f"  {name}", "undefined", Text(reason))
        else:
            unit = printable(_unit(name, item.unit))
            table.add_row(f"  {name}", f"{value:.{_DIGITS}g}", Text(unit))


def _family(name: str) -> str:
    return _TITLES.get(name.partition("_")[0], "Further features")


def _unit(name: str, image_unit: str) -> str:
    """Return a feature's unit; empty where it has none."""
    row = FEATURE_BY_NAME.get(name) or tag_of(name)
    if image_unit == _NO_UNIT and IMAGE_UNIT in row.unit:
        return ""
    unit = row.unit_in(image_unit)
    return "" if unit == _NO_UNIT else unit
