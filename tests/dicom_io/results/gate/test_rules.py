"""Promises of `dicom_io.results.gate`: each rule is broken by one change alone."""

import io
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.tag import Tag
from pydicom.uid import UID, ParametricMapStorage, SegmentationStorage

from dicom_io.part10 import encode_dataset
from dicom_io.pet.series import PetSeries
from dicom_io.results.gate.fault import Origin
from dicom_io.results.gate.judging import faults_of
from dicom_io.results.group_subject import SourceGroupSubject
from dicom_io.results.images.map_content import index_content
from dicom_io.results.images.parametric_map import build_parametric_map
from dicom_io.results.images.segmentation_object import (
    SegmentContent,
    build_segmentation,
)
from dicom_io.results.images.suv_series import build_suv_series
from dicom_io.results.presentation.key_objects import build_key_objects
from dicom_io.results.presentation.report_pdf import build_report_pdf
from dicom_io.results.presentation.summary_image import build_summary_image
from dicom_io.results.report.measurement_report import (
    build_measurement_report,
    build_segment_report,
)
from dicom_io.results.tracking import Tracking
from dicom_io.source_reference import SourceReference
from dicom_io.stamp import ObjectIdentity
from model.contours import Roi
from model.suv import SuvConversion, as_suv
from tests.support.pet import STUDY_UID, pet_datasets
from tests.support.result import (
    EQUIPMENT,
    assessment_of,
    content_of,
    identity,
    series_of,
)

SEGMENTATION = SourceReference(SegmentationStorage, "1.2.3.4.1", STUDY_UID, "1.2.3.4")
MAP = SourceReference(ParametricMapStorage, "1.2.3.5.1", STUDY_UID, "1.2.3.5")
SITE = Code("61685007", "SCT", "Lower limb")
SUBJECT = SourceGroupSubject("m07", 21.0)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"

_DOCUMENT = "EncapsulatedDocument"

Break = Callable[[Dataset], object]


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> PetSeries:
    return series_of(pet_datasets(), tmp_path_factory.mktemp("pet"))


@pytest.fixture(scope="module")
def origin(series: PetSeries) -> Origin:
    return Origin(
        series.headers[0],
        frozenset(each.sop_instance_uid for each in series.instances),
        series.volume.grid.shape,
        uncalibrated=True,
    )


@pytest.fixture(scope="module")
def files(series: PetSeries) -> dict[str, bytes]:
    return {kind: encode_dataset(built) for kind, built in built_of(series, None)}


def built_of(
    series: PetSeries, subject: SourceGroupSubject | None
) -> list[tuple[str, Dataset]]:
    """Return an object of each kind that has rules of its own."""
    first = assessment_of(series)
    second = replace(first, roi=Roi(2, "Core", (), first.roi.frame_of_reference))
    content = content_of(first, second, subject=subject)
    segmented = replace(content, segmentation=SEGMENTATION)
    tracking = Tracking("Tumour", "1.2.3.9")
    segments = [SegmentContent("Tumour", first.mask, tracking, SITE)]
    conversion = SuvConversion("BQML", 6e-6, {"weight_g": 22.0}, ())
    suv = as_suv(series.volume, (6e-6,)), conversion
    source = SourceReference(
        series.instances[0].sop_class_uid,
        series.instances[0].sop_instance_uid,
        series.study_instance_uid,
        series.series_instance_uid,
    )
    study = subject.study_of(STUDY_UID, "2.25.") if subject else STUDY_UID
    common = identity(), EQUIPMENT
    images = build_suv_series(series, suv, _numbered, EQUIPMENT, subject)
    image = next(iter(images)).dataset
    assert image is not None
    page = np.zeros((5, 7, 3), np.uint8)
    selected = [replace(MAP, study_instance_uid=study)]
    title = "Texture index (published equation, uncalibrated)"
    return [
        ("report", build_measurement_report(series, content, *common)),
        ("segment report", build_segment_report(series, segmented, *common)),
        (
            "map",
            build_parametric_map(series, index_content(first), *common, subject),
        ),
        ("segmentation", build_segmentation(series, segments, *common, subject)),
        ("image", image),
        ("page", build_summary_image(series, page, *common, subject, [source])),
        ("pdf", build_report_pdf(series, PDF, title, *common, subject, [source])),
        ("selection", build_key_objects(series, (selected, "Map"), *common, subject)),
    ]


def _numbered(number: int) -> ObjectIdentity:
    return identity(sop_instance_uid=f"1.2.3.{number}", instance_number=number)


def places(content: bytes, origin: Origin, change: Break = lambda _: None) -> list[str]:
    """Return what is at fault with a file once it is changed."""
    dataset = pydicom.dcmread(io.BytesIO(content))
    change(dataset)
    return [fault.place for fault in faults_of(dataset, origin)]


KINDS = (
    "report",
    "segment report",
    "map",
    "segmentation",
    "image",
    "page",
    "pdf",
    "selection",
)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_built_passes(
    kind: str, files: dict[str, bytes], origin: Origin
) -> None:
    assert places(files[kind], origin) == []


def test_what_is_built_passes_before_it_is_a_file(
    series: PetSeries, origin: Origin
) -> None:
    for _, built in built_of(series, None):
        assert faults_of(built, origin) == ()


def test_results_of_one_animal_of_a_group_pass_in_its_own_study(
    series: PetSeries, origin: Origin, files: dict[str, bytes]
) -> None:
    grouped = replace(origin, subject=SUBJECT)

    for _, built in built_of(series, SUBJECT):
        assert faults_of(built, grouped) == ()
    assert set(places(files["page"], grouped)) >= {"PatientID", "StudyInstanceUID"}


def test_a_fault_names_object_attribute_and_rule(
    files: dict[str, bytes], origin: Origin
) -> None:
    dataset = pydicom.dcmread(io.BytesIO(files["report"]))
    dataset.PatientID = "another"
    (fault,) = faults_of(dataset, origin)

    assert fault.words == (
        f"Comprehensive 3D SR Storage {dataset.SOPInstanceUID}: PatientID: "
        "must be the source's (PS3.3 C.7.1.1, C.7.2.1)"
    )


def setting(keyword: str, value: object) -> Break:
    return lambda dataset: setattr(dataset, keyword, value)


def without(keyword: str) -> Break:
    return lambda dataset: delattr(dataset, keyword)


def _unmarked(dataset: Dataset) -> None:
    dataset.ManufacturerModelName = "other"
    del dataset.ContributingEquipmentSequence


def _wordy(dataset: Dataset) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        dataset.SeriesDescription = 65 * "\u00df"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("change", "place"),
    [
        (setting("PatientName", "Other^Mouse"), "PatientName"),
        (setting("StudyID", "7"), "StudyID"),
        (without("SeriesDescription"), "SeriesDescription"),
        (setting("SeriesNumber", None), "SeriesNumber"),
        (setting("InstanceCreationDate", ""), "InstanceCreationDate"),
        (setting("SeriesTime", "10"), "SeriesTime"),
        (setting("Manufacturer", ""), "Manufacturer"),
        (_unmarked, "ContributingEquipmentSequence"),
        (setting("SeriesDescription", "T\u0142um"), "SeriesDescription"),
        (_wordy, "SeriesDescription"),
    ],
)
def test_every_object_is_identified_dated_marked_and_its_sources(
    kind: str, change: Break, place: str, files: dict[str, bytes], origin: Origin
) -> None:
    def changed(dataset: Dataset) -> None:
        dataset.SpecificCharacterSet = "ISO_IR 100"
        change(dataset)

    assert places(files[kind], origin, changed) == [place]


def test_a_uid_is_valid_and_the_objects_own(
    files: dict[str, bytes], origin: Origin
) -> None:
    def invalid(dataset: Dataset) -> None:
        tag = Tag("SeriesInstanceUID")
        # As a builder that checks nothing would write it.
        dataset[tag] = RawDataElement(
            tag, "UI", 6, b"1.02.3", 0, is_implicit_VR=False, is_little_endian=True
        )

    def shared(dataset: Dataset) -> None:
        dataset.SeriesInstanceUID = UID(dataset.SOPInstanceUID)

    def another(dataset: Dataset) -> None:
        dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")

    assert places(files["page"], origin, invalid) == ["SeriesInstanceUID"]
    assert places(files["page"], origin, shared) == ["SOPInstanceUID"]
    assert places(files["page"], origin, another) == ["MediaStorageSOPInstanceUID"]


def group_of(dataset: Dataset) -> Dataset:
    """Return the first measurement group of a report."""
    (container,) = [
        item
        for item in dataset.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == "126010"
    ]
    found: Dataset = container.ContentSequence[0]
    return found


def items_named(parent: Dataset, value: str) -> list[Dataset]:
    return [
        item
        for item in parent.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == value
    ]


def dropping(value: str) -> Break:
    """Take what has a code out of the first group."""

    def change(dataset: Dataset) -> None:
        group = group_of(dataset)
        gone = items_named(group, value)
        assert gone
        group.ContentSequence = [
            item for item in group.ContentSequence if item not in gone
        ]

    return change


def dropping_at_root(value: str) -> Break:
    def change(dataset: Dataset) -> None:
        gone = items_named(dataset, value)
        assert gone
        dataset.ContentSequence = [
            item for item in dataset.ContentSequence if item not in gone
        ]

    return change


def of_number(change: Break) -> Break:
    """Change how many voxels the first region has."""
    return lambda dataset: change(items_named(group_of(dataset), "VOXELS")[0])


def of_region(change: Break) -> Break:
    return lambda dataset: change(items_named(group_of(dataset), "111030")[0])


def _same_name(dataset: Dataset) -> None:
    numbers = [
        item for item in group_of(dataset).ContentSequence if item.ValueType == "NUM"
    ]
    name = numbers[-1].ConceptNameCodeSequence[0]
    name.CodeMeaning = numbers[-2].ConceptNameCodeSequence[0].CodeMeaning


def _same_tracking(dataset: Dataset) -> None:
    (container,) = items_named(dataset, "126010")
    one, other = (
        items_named(group, "112040")[0] for group in container.ContentSequence
    )
    one.UID = other.UID


def _silent(dataset: Dataset) -> None:
    (index,) = items_named(group_of(dataset), "TEXINDEX")
    index.ConceptNameCodeSequence[0].CodeMeaning = "T-cell exhaustion"


def _unstated(dataset: Dataset) -> None:
    (texts,) = items_named(dataset, "C0034375")
    items_named(texts, "INTENDEDUSE")[0].TextValue = "For everybody"


def _unlisted(dataset: Dataset) -> None:
    for listed in dataset.CurrentRequestedProcedureEvidenceSequence[
        0
    ].ReferencedSeriesSequence:
        listed.ReferencedSOPSequence = listed.ReferencedSOPSequence[1:]


def _unlisted_slice(dataset: Dataset) -> None:
    (library,) = items_named(dataset, "111028")
    for group in library.ContentSequence:
        images = [item for item in group.ContentSequence if item.ValueType == "IMAGE"]
        group.ContentSequence = [
            item for item in group.ContentSequence if item is not images[0]
        ]


def _no_value(number: Dataset) -> None:
    number.MeasuredValueSequence = []


def _no_unit(number: Dataset) -> None:
    number.MeasuredValueSequence[0].MeasurementUnitsCodeSequence = []


def _no_decimal(number: Dataset) -> None:
    number.MeasuredValueSequence[0].NumericValue = ""


def _open(region: Dataset) -> None:
    region.GraphicData = region.GraphicData[:-2]


def _of_another_image(region: Dataset) -> None:
    reference = region.ContentSequence[0].ReferencedSOPSequence[0]
    reference.ReferencedSOPInstanceUID = "1.2.3.5.1"


def _no_meaning(number: Dataset) -> None:
    number.ConceptNameCodeSequence[0].CodeMeaning = ""


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (setting("ContentTemplateSequence", []), "TemplateIdentifier"),
        (setting("CompletionFlag", ""), "CompletionFlag"),
        (dropping_at_root("121049"), "Language of Content Item and Descendants"),
        (dropping_at_root("121012"), "Device Observer UID"),
        (dropping_at_root("121058"), "Procedure reported"),
        (_unstated, "Intended use"),
        (_unlisted_slice, "Image Library"),
        (dropping("111030"), "group 'Tumour'"),
        (of_region(_open), "Image Region"),
        (of_region(setting("GraphicType", "POINT")), "Image Region"),
        (dropping("112039"), "Tracking Identifier"),
        (dropping("121071"), "Finding"),
        (dropping("363698007"), "Finding Site"),
        (dropping("111001"), "Algorithm Name"),
        (dropping("111003"), "Algorithm Version"),
        (_same_tracking, "Tracking Unique Identifier"),
        (of_number(_no_value), "Number of voxels"),
        (of_number(_no_unit), "Number of voxels"),
        (of_number(_no_decimal), "Number of voxels"),
        (of_number(_no_meaning), "VOXELS"),
        (_same_name, "SUVbw standard deviation"),
        (_silent, "T-cell exhaustion"),
        (_unlisted, "CurrentRequestedProcedureEvidenceSequence"),
    ],
)
def test_a_report_keeps_its_template_and_can_be_shown(
    change: Break, place: str, files: dict[str, bytes], origin: Origin
) -> None:
    found = set(places(files["report"], origin, change))

    if change is _same_name:
        # Which names stand last is the report's affair.
        assert len(found) == 1
    else:
        assert found == {place}


def test_a_region_lies_on_an_image_of_the_source(
    files: dict[str, bytes], origin: Origin
) -> None:
    found = places(files["report"], origin, of_region(_of_another_image))

    assert "Image Region" in found


def test_a_calibrated_index_need_not_say_otherwise(
    files: dict[str, bytes], origin: Origin
) -> None:
    calibrated = replace(origin, uncalibrated=False)

    assert places(files["report"], calibrated, _silent) == []


def _frames(change: Break) -> Break:
    return lambda dataset: change(dataset.SharedFunctionalGroupsSequence[0])


def _no_width(groups: Dataset) -> None:
    groups.FrameVOILUTSequence[0].WindowWidth = 0


def _no_unit_of_map(groups: Dataset) -> None:
    groups.RealWorldValueMappingSequence[0].MeasurementUnitsCodeSequence = []


def _one_frame_less(dataset: Dataset) -> None:
    groups = dataset.PerFrameFunctionalGroupsSequence
    dataset.PerFrameFunctionalGroupsSequence = groups[:-1]


def _other_series(dataset: Dataset) -> None:
    dataset.ReferencedSeriesSequence[0].SeriesInstanceUID = "1.2.3"


def _other_instance(dataset: Dataset) -> None:
    listed = dataset.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    listed.ReferencedSOPInstanceUID = "1.2.3"


@pytest.mark.parametrize("kind", ["map", "segmentation"])
@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_other_series, "ReferencedSeriesSequence"),
        (_other_instance, "ReferencedInstanceSequence"),
        (setting("FrameOfReferenceUID", "1.2.3"), "FrameOfReferenceUID"),
    ],
)
def test_multi_frame_images_name_what_they_lie_over(
    kind: str, change: Break, place: str, files: dict[str, bytes], origin: Origin
) -> None:
    assert places(files[kind], origin, change) == [place]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (setting("Rows", 7), "Rows"),
        (setting("NumberOfFrames", 2), "NumberOfFrames"),
        (setting("FloatPixelData", b"\0" * 8), "FloatPixelData"),
        (_one_frame_less, "PerFrameFunctionalGroupsSequence"),
        (setting("ContentLabel", ""), "ContentLabel"),
        (_frames(_no_width), "WindowWidth"),
        (
            _frames(without("RealWorldValueMappingSequence")),
            "RealWorldValueMappingSequence",
        ),
        (_frames(_no_unit_of_map), "MeasurementUnitsCodeSequence"),
    ],
)
def test_a_map_is_on_the_full_grid_and_shows_something(
    change: Break, place: str, files: dict[str, bytes], origin: Origin
) -> None:
    assert places(files["map"], origin, change) == [place]


def _of_segment(change: Break) -> Break:
    return lambda dataset: change(dataset.SegmentSequence[0])


def _without_frames(dataset: Dataset) -> None:
    for groups in dataset.PerFrameFunctionalGroupsSequence:
        groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber = 2


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (_of_segment(setting("SegmentLabel", "")), "SegmentLabel"),
        (_without_frames, "ReferencedSegmentNumber"),
        (setting("PixelData", b"\0\0"), "PixelData"),
        (setting("NumberOfFrames", 99), "NumberOfFrames"),
    ],
)
def test_segments_are_named_and_have_their_pixels(
    change: Break, place: str, files: dict[str, bytes], origin: Origin
) -> None:
    assert places(files["segmentation"], origin, change) == [place]


def test_segments_are_counted_from_one(files: dict[str, bytes], origin: Origin) -> None:
    found = places(
        files["segmentation"], origin, _of_segment(setting("SegmentNumber", 3))
    )

    assert "SegmentNumber" in found


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (setting("RescaleSlope", 0), "RescaleSlope"),
        (setting("RescaleIntercept", -1), "RescaleIntercept"),
        (setting("WindowWidth", 0), "WindowWidth"),
        (setting("NumberOfSlices", 1), "NumberOfSlices"),
        (setting("PixelData", b"\0\0"), "PixelData"),
        (setting("PixelData", b"\0"), "PixelData"),
        (without("Units"), "Units"),
        (without("FrameOfReferenceUID"), "FrameOfReferenceUID"),
    ],
)
def test_stored_values_of_an_image_mean_something(
    change: Break, place: str, files: dict[str, bytes], origin: Origin
) -> None:
    assert set(places(files["image"], origin, change)) == {place}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (setting("PhotometricInterpretation", "YBR_FULL"), "PhotometricInterpretation"),
        (setting("BitsAllocated", 16), "BitsAllocated"),
        (setting("PlanarConfiguration", 1), "PlanarConfiguration"),
        (setting("Columns", 99), "PixelData"),
        (setting("BurnedInAnnotation", ""), "BurnedInAnnotation"),
    ],
)
def test_a_page_is_in_plain_colour(
    change: Break, place: str, files: dict[str, bytes], origin: Origin
) -> None:
    assert places(files["page"], origin, change) == [place]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (setting("EncapsulatedDocument", b"xx" + PDF[2:] + b"\n"), _DOCUMENT),
        (setting("EncapsulatedDocument", PDF[:-6] + b" " * 7), _DOCUMENT),
        (setting("EncapsulatedDocumentLength", 3), "EncapsulatedDocumentLength"),
        (
            setting("MIMETypeOfEncapsulatedDocument", "text/XML"),
            "MIMETypeOfEncapsulatedDocument",
        ),
        (setting("DocumentTitle", ""), "DocumentTitle"),
    ],
)
def test_a_document_is_a_whole_pdf(
    change: Break, place: str, files: dict[str, bytes], origin: Origin
) -> None:
    assert places(files["pdf"], origin, change) == [place]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (
            setting("CurrentRequestedProcedureEvidenceSequence", []),
            "CurrentRequestedProcedureEvidenceSequence",
        ),
        (setting("ContentTemplateSequence", []), "ContentTemplateSequence"),
    ],
)
def test_a_selection_lists_what_it_selects(
    change: Break, place: str, files: dict[str, bytes], origin: Origin
) -> None:
    assert places(files["selection"], origin, change) == [place]


def test_a_tree_whose_lengths_do_not_fit_is_a_fault(
    series: PetSeries, origin: Origin
) -> None:
    _, built = built_of(series, None)[0]
    element: Any = built.get_item("ContentSequence")
    built[element.tag] = element._replace(value=element.value[:-2])

    assert [fault.place for fault in faults_of(built, origin)] == ["report_holds"]


def test_judging_leaves_the_source_as_it_is(
    files: dict[str, bytes], series: PetSeries
) -> None:
    header = series.headers[0]
    before = str(header)
    places(files["page"], Origin(header, frozenset(), (1, 1, 1)))

    assert str(header) == before
