"""The map of a region as a Parametric Map (PS3.3 A.75): the index, or a feature.

Design choice: the map stands on the full grid of the PET, every slice a frame, because
OHIF opens a Parametric Map only there. Whoever has many regions names the slices that a
map has frames of (`MapContent.slices`): six hundred full grids are more than a study is
worth, and any order and number of frames is legal (PS3.3 C.7.6.16).

Design choice: where the index is undefined the map holds NaN (PS3.3 C.7.6.24 allows it)
and no *Float Pixel Padding Value*. A finite padding value would have to be honoured by
every reader: Orthanc and most scripts do not, and a mean over the map, a histogram or
an interpolation at the edge of the region would take it for an index. NaN shows as no
value in OHIF and Slicer, and spoils a careless sum where everybody sees it.

Design choice: the window spans the values of the map, by LINEAR_EXACT, since LINEAR
takes one off the width (PS3.3 C.11.2.1.2), which matters for an index. A palette is
not possible with floating point pixels.
"""

import numpy as np
from highdicom import VOILUTTransformation
from highdicom.pm import (
    DerivedPixelContrastValues,
    ImageFlavorValues,
    ParametricMap,
    RealWorldValueMapping,
)
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from dicom_io.codes import NO_UNITS
from dicom_io.pet.series import PetSeries
from dicom_io.results.character_set import set_character_set
from dicom_io.results.group_subject import SourceGroupSubject, identify
from dicom_io.results.images.map_content import MapContent
from dicom_io.results.images.map_frames import PATTERN_SLICES, add_all_slices
from dicom_io.results.source_attributes import (
    as_single_frames,
    carry_over,
    stand_ins,
)
from dicom_io.stamp import SOFTWARE_NAME, Equipment, ObjectIdentity, stamp
from model.grid import require_same_grid

_LONG_STRING = 64
_ANATOMY = ("BodyPartExamined", "Laterality", "AnatomicalOrientationType")


def build_parametric_map(
    series: PetSeries,
    content: MapContent,
    identity: ObjectIdentity,
    equipment: Equipment,
    subject: SourceGroupSubject | None = None,
) -> Dataset:
    """Return a map of a region as an object of its own series.

    Parameters
    ----------
    series : PetSeries
        What the map was computed from; it joins this study and frame of reference.
    content : MapContent
        On the grid of the series.
    identity : ObjectIdentity
    equipment : Equipment
    subject : SourceGroupSubject or None
        The animal, where the PET shows several: the map is then in a study of its.

    Returns
    -------
    Dataset
        Explicit VR little endian, float32, a frame for each slice of the content, in
        their order; *Image Position (Patient)* of each frame says where it lies.

    Raises
    ------
    GridMismatchError
        When the map stands on another grid.
    """
    require_same_grid(series.volume.grid, content.volume.grid)
    slices = content.slices or range(series.volume.grid.shape[0])
    values = np.ascontiguousarray(
        content.volume.values[slices.start : slices.stop], np.float32
    )
    low, high = _range(values)
    description = f"{content.explanation}. {content.roi}"[:_LONG_STRING].strip()
    pattern = stand_ins(series, slices[:PATTERN_SLICES])
    dataset = ParametricMap(
        source_images=as_single_frames(pattern),
        pixel_array=values[:PATTERN_SLICES],
        series_instance_uid=identity.series_instance_uid,
        series_number=identity.series_number,
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=identity.instance_number,
        manufacturer=equipment.manufacturer,
        manufacturer_model_name=equipment.model_name,
        software_versions=equipment.software_version,
        device_serial_number=equipment.serial_number,
        contains_recognizable_visual_features=False,
        real_world_value_mappings=[_mapping(content, low, high)],
        voi_lut_transformations=[_window(low, high)],
        content_label=content.label,
        content_description=description,
        content_creator_name=f"{SOFTWARE_NAME}^",
        image_flavor=ImageFlavorValues.VOLUME,
        derived_pixel_contrast=DerivedPixelContrastValues.NONE,
    )
    add_all_slices(dataset, series, slices, values)
    source = series.headers[0]
    carry_over(source, dataset, _ANATOMY)
    own = identity.series_description, *identity.texts, *equipment.texts
    texts = [description, *own]
    if subject is not None:
        identify(dataset, source, subject, identity.uid_root)
        texts.append(subject.patient_id)
    set_character_set(source, dataset, texts)
    stamp(dataset, identity, equipment)
    return _plain(dataset)


def _plain(built: ParametricMap) -> Dataset:
    """Return a map without highdicom's tables, which know the first frames only."""
    dataset = Dataset(dict(built.items()))
    dataset.file_meta = built.file_meta
    return dataset


def _range(values: NDArray[np.float32]) -> tuple[float, float]:
    """Return the least and greatest finite value; 0 and 0 of a map without values."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, 0.0
    return float(finite.min()), float(finite.max())


def _mapping(content: MapContent, low: float, high: float) -> RealWorldValueMapping:
    return RealWorldValueMapping(
        lut_label=content.label.replace("_", " "),
        lut_explanation=content.explanation,
        unit=NO_UNITS,
        value_range=(low, high),
        slope=1.0,
        intercept=0.0,
        quantity_definition=content.quantity,
    )


def _window(low: float, high: float) -> VOILUTTransformation:
    """Return a window over the values; one unit wide where they do not differ."""
    return VOILUTTransformation(
        window_center=_rounded((low + high) / 2),
        window_width=_rounded(high - low) or 1.0,
        window_explanation="Range of the map",
        voi_lut_function="LINEAR_EXACT",
    )


def _rounded(number: float) -> float:
    return float(f"{number:.6g}")
