"""A phantom as an Inveon-like study: PET, CT and an RT Structure Set, and their bytes.

Design choice: every UID is a digest of what the object is made from, under ``2.25.``
(PS3.5 B.2). The same phantom is the same study, wherever and however often it is made;
a phantom of other numbers can meet it in one archive without contradiction.

Design choice: this module encodes its files itself. *Group Length* (gggg,0000) was
retired in 2008, so DICOM toolkits drop it, and the scanner still writes it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from uuid import UUID, uuid5

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element, write_file_meta_info
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    PositronEmissionTomographyImageStorage,
)

from dicom_io.phantom.drawn_structures import DrawnImage, structure_set
from dicom_io.phantom.inveon import (
    Scan,
    ScanFrame,
    SeriesIdentity,
    ct_instances,
    pet_instances,
)
from model.phantom import Canvas, Phantom
from model.phantom_frames import PhantomFrame, phantom_frames
from model.phantom_spec import F18_HALF_LIFE_S

ROI_NAME = "Tumor"
"""Name of the tumour's region in the structure set."""

_NAMESPACE = UUID("5a2f7f64-6f0e-5b0c-9a3c-3f0f6c1f0b11")
_IMPLEMENTATION_CLASS = UID(f"2.25.{uuid5(_NAMESPACE, 'implementation').int}")
_CT_BEFORE_PET = timedelta(minutes=10)
_DRAWN_AFTER_PET = timedelta(days=1)


@dataclass(frozen=True)
class StudyOptions:
    """How a phantom is written down.

    Attributes
    ----------
    at : datetime
        Timezone-aware start of the PET scan; every other date follows from it.
    drawn_on : Canvas
        The image on which the tumour was outlined.
    more_rois : bool
        Whether the structure set also has the tumour's core and the body.
    slope_per_slice : bool
        Whether every PET slice has its own *Rescale Slope*. The scanner writes one for
        every time frame, so a static scan has one.

    Raises
    ------
    ValueError
        When `at` has no time zone.
    """

    at: datetime
    drawn_on: Canvas = Canvas.PET
    more_rois: bool = False
    slope_per_slice: bool = False
    time_frames: int = 1

    def __post_init__(self) -> None:
        """Refuse an instant that could mean any."""
        if self.at.tzinfo is None:
            raise NaiveInstantError


class NaiveInstantError(ValueError):
    """An instant has no time zone."""

    def __init__(self) -> None:
        super().__init__("the start of the scan needs a time zone")


def phantom_study(phantom: Phantom, options: StudyOptions) -> Iterator[Dataset]:
    """Yield the study: PET slices, CT slices, then the RT Structure Set.

    Every dataset has a `file_meta` that states its transfer syntax; `Encoder` makes a
    file of it.

    Parameters
    ----------
    phantom : Phantom
    options : StudyOptions
    """
    composer = _Composer(phantom, options)
    for dataset in composer.pet():
        yield _with_meta(dataset, ExplicitVRLittleEndian)
    for dataset in composer.ct():
        yield _with_meta(dataset, ExplicitVRLittleEndian)
    yield _with_meta(composer.structure_set(), ImplicitVRLittleEndian)


class _Composer:
    """What the three series of a study have in common."""

    def __init__(self, phantom: Phantom, options: StudyOptions) -> None:
        self._phantom = phantom
        self._options = options
        self._images = f"{phantom.spec}|{options.at.isoformat()}"
        spec = phantom.spec
        self._frames = phantom_frames(spec, options.time_frames)
        self._scan = Scan(
            study_at=options.at - _CT_BEFORE_PET,
            ct_at=options.at - _CT_BEFORE_PET,
            pet_at=options.at,
            injected_at=options.at - timedelta(seconds=spec.uptake_s),
            weight_g=spec.weight_g,
            injected_activity_bq=spec.injected_activity_bq,
            half_life_s=F18_HALF_LIFE_S,
        )

    def pet(self) -> Iterator[Dataset]:
        for frame in self._frames:
            yield from self._pet_frame(frame)

    def _pet_frame(self, frame: PhantomFrame) -> Iterator[Dataset]:
        phantom = self._phantom
        taken = ScanFrame(
            number=frame.number,
            count=len(self._frames),
            began=timedelta(seconds=frame.start_s),
            length=timedelta(seconds=frame.duration_s),
        )
        return pet_instances(
            phantom.suv.values * (phantom.spec.activity_per_suv * frame.uptake),
            phantom.suv.grid,
            (self._scan, taken),
            self._identity(Canvas.PET),
            partial(self._pet_uid, frame),
            slope_per_slice=self._options.slope_per_slice,
        )

    def ct(self) -> Iterator[Dataset]:
        volume = self._phantom.hounsfield
        identity = self._identity(Canvas.CT)
        return ct_instances(volume.values, volume.grid, self._scan, identity, self._uid)

    def structure_set(self) -> Dataset:
        canvas = self._options.drawn_on
        regions = self._phantom.regions_on(canvas)
        if not self._options.more_rois:
            regions = {ROI_NAME: regions[ROI_NAME]}
        drawing = f"{self._options.drawn_on}|{self._options.more_rois}"
        return structure_set(
            regions,
            self._image(canvas),
            self._uid("RTSTRUCT series", drawing),
            self._uid("RTSTRUCT", drawing, *self._pet_variant()),
            self._options.at + _DRAWN_AFTER_PET,
        )

    def _image(self, canvas: Canvas) -> DrawnImage:
        pet = canvas is Canvas.PET
        volume = self._phantom.suv if pet else self._phantom.hounsfield
        # People outline what a late frame shows.
        name = partial(self._pet_uid, self._frames[-1]) if pet else self._uid
        slices = range(1, volume.grid.shape[0] + 1)
        return DrawnImage(
            identity=self._identity(canvas),
            sop_class_uid=(
                PositronEmissionTomographyImageStorage if pet else CTImageStorage
            ),
            instances=tuple(name(canvas.upper(), number) for number in slices),
            study_at=self._scan.study_at,
        )

    def _identity(self, canvas: Canvas) -> SeriesIdentity:
        name = canvas.upper()
        variant = self._pet_variant() if canvas is Canvas.PET else (False,)
        kind = "dynamic" if len(self._frames) > 1 else "static"
        suffix = {Canvas.PET: f"_em_{kind}.img", Canvas.CT: ".ct.img"}[canvas]
        return SeriesIdentity(
            study_instance_uid=self._uid("study"),
            series_instance_uid=self._uid(name, "series", *variant),
            frame_of_reference_uid=self._uid(name, "frame of reference"),
            patient_id=f"phantom_{self._phantom.spec.seed:04d}{suffix}",
            description=f"Synthetic phantom {name}",
            number={Canvas.PET: 2, Canvas.CT: 1}[canvas],
        )

    def _pet_variant(self) -> tuple[object, ...]:
        """Return what tells this PET from others of the same phantom."""
        per_slice, count = self._options.slope_per_slice, len(self._frames)
        return (per_slice,) if count == 1 else (per_slice, f"{count} time frames")

    def _pet_uid(self, frame: PhantomFrame, *parts: object) -> UID:
        variant = self._pet_variant()
        if len(self._frames) > 1:
            variant = (*variant, f"time frame {frame.number}")
        return self._uid(*parts, *variant)

    def _uid(self, *parts: object) -> UID:
        name = "|".join([self._images, *map(str, parts)])
        return UID(f"2.25.{uuid5(_NAMESPACE, name).int}")


def _with_meta(dataset: Dataset, transfer_syntax: UID) -> Dataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax
    meta.ImplementationClassUID = _IMPLEMENTATION_CLASS
    meta.ImplementationVersionName = "EXHAUSTION_NODE"
    dataset.file_meta = meta
    return dataset


class Encoder:
    """Makes Part 10 files of the datasets of one study.

    Images come with the retired *Group Length* elements, as from the scanner; the
    structure set comes without, as from the contouring station. Elements that the
    slices of a series share are encoded once.

    References
    ----------
    * DICOM PS3.10 section 7.1; PS3.5 section 7.2 (group length).
    """

    def __init__(self) -> None:
        # The element is kept with its bytes, so that its id names no other one.
        self._known: dict[tuple[int, bool], tuple[DataElement, bytes]] = {}

    def encoded(self, dataset: Dataset) -> bytes:
        """Return the Part 10 file of a dataset."""
        syntax = dataset.file_meta.TransferSyntaxUID
        implicit = syntax == ImplicitVRLittleEndian
        file = _buffer(implicit=False)
        file.write(b"\x00" * 128 + b"DICM")
        write_file_meta_info(file, dataset.file_meta)
        for group, elements in groupby(dataset, lambda element: element.tag.group):
            body = b"".join(self._element(item, implicit) for item in elements)
            if dataset.Modality != "RTSTRUCT":
                file.write(struct.pack("<HH2sHI", group, 0, b"UL", 4, len(body)))
            file.write(body)
        return file.getvalue()

    def _element(self, element: DataElement, implicit: bool) -> bytes:  # noqa: FBT001 - one of two encodings
        key = (id(element), implicit)
        if key in self._known:
            return self._known[key][1]
        buffer = _buffer(implicit=implicit)
        write_data_element(buffer, element, ["utf8"])
        if element.keyword != "PixelData":
            self._known[key] = (element, buffer.getvalue())
        return buffer.getvalue()


def _buffer(*, implicit: bool) -> DicomBytesIO:
    buffer = DicomBytesIO()
    buffer.is_little_endian = True
    buffer.is_implicit_VR = implicit
    return buffer
