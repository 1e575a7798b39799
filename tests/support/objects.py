"""Headers of a small PET/CT study with contours, without files."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from dicom_io.header import DeclaredCount, DrawnOn, InstanceHeader, ObjectKind, Plane
from node.records.objects import ReceivedInstance, StoredInstance

STUDY = "1.2.3"
PET_SERIES = "1.2.3.1"
CT_SERIES = "1.2.3.2"
PET_FRAME = "1.2.9.1"
CT_FRAME = "1.2.9.2"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MODEL = "Inveon MM Platform"

SOP_CLASSES = {
    ObjectKind.PET: "1.2.840.10008.5.1.4.1.1.128",
    ObjectKind.CT: "1.2.840.10008.5.1.4.1.1.2",
    ObjectKind.STRUCTURE_SET: "1.2.840.10008.5.1.4.1.1.481.3",
}


def header(kind: ObjectKind, sop_instance_uid: str, **fields: Any) -> InstanceHeader:
    """Return a header whose unnamed fields are ordinary."""
    ordinary = InstanceHeader(
        kind=kind,
        sop_class_uid=SOP_CLASSES.get(kind, "1.2.840.10008.5.1.4.1.1.7"),
        sop_instance_uid=sop_instance_uid,
        study_instance_uid=STUDY,
        series_instance_uid=PET_SERIES,
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        patient_id="mouse.pet",
        modality="PT",
        frame_of_reference_uid=PET_FRAME,
        series_number=1,
        series_description="PET OSEM3D/SP-MAP",
        model_name=MODEL,
        study_date="20260302",
    )
    return replace(ordinary, **fields)


def pet_series(
    slices: int = 4,
    *,
    declared: DeclaredCount | None = None,
    step_mm: float = 0.8,
    **fields: Any,
) -> list[InstanceHeader]:
    """Return the headers of a static PET series that declares its slices."""
    series = fields.get("series_instance_uid", PET_SERIES)
    count = declared or DeclaredCount(slices, None, None, "STATIC")
    return [
        header(
            ObjectKind.PET,
            f"{series}.{number + 1}",
            plane=_plane(number * step_mm),
            count=count,
            **fields,
        )
        for number in range(slices)
    ]


def ct_series(slices: int = 4, **fields: Any) -> list[InstanceHeader]:
    """Return the headers of a CT series in a frame of reference of its own."""
    ordinary = {
        "series_instance_uid": CT_SERIES,
        "frame_of_reference_uid": CT_FRAME,
        "modality": "CT",
        "series_description": "CT",
    }
    merged = {**ordinary, **fields}
    return [
        header(
            ObjectKind.CT,
            f"{merged['series_instance_uid']}.{number + 1}",
            plane=_plane(number * 0.8),
            **merged,
        )
        for number in range(slices)
    ]


def structure_set(
    images: Sequence[InstanceHeader], uid: str = "1.2.3.3.1", **fields: Any
) -> InstanceHeader:
    """Return the header of a structure set drawn on a series."""
    first = images[0]
    drawn_on = DrawnOn(
        frames_of_reference=(first.frame_of_reference_uid or "",),
        series=(first.series_instance_uid,),
        instances=tuple(sorted(image.sop_instance_uid for image in images)),
        low_mm=(2.0, 2.0, 0.8),
        high_mm=(5.0, 5.0, 1.6),
        roi_names=("tumour",),
    )
    ordinary = {
        "series_instance_uid": "1.2.3.3",
        "modality": "RTSTRUCT",
        "series_description": "contours",
        "frame_of_reference_uid": first.frame_of_reference_uid,
        "drawn_on": drawn_on,
    }
    return header(ObjectKind.STRUCTURE_SET, uid, **{**ordinary, **fields})


def redrawn(source: InstanceHeader, **changes: Any) -> InstanceHeader:
    """Return a structure set with other references."""
    assert source.drawn_on is not None
    return replace(source, drawn_on=replace(source.drawn_on, **changes))


def stored(*headers: InstanceHeader) -> list[StoredInstance]:
    """Return objects as if received in this order, a second apart."""
    return [
        StoredInstance(
            header=each,
            path=Path(each.sop_instance_uid),
            sha256=digest(each.sop_instance_uid),
            received_at=NOON + timedelta(seconds=number),
        )
        for number, each in enumerate(headers)
    ]


def received(each: InstanceHeader, content: str = "") -> ReceivedInstance:
    """Return an object as it arrives; another content has another digest."""
    return ReceivedInstance(
        sop_class_uid=each.sop_class_uid,
        sop_instance_uid=each.sop_instance_uid,
        transfer_syntax_uid=each.transfer_syntax_uid,
        sha256=digest(each.sop_instance_uid + content),
        path=Path("incoming") / f"{each.sop_instance_uid}{content}.dcm",
        size=1000,
        calling_ae="SCANNER",
    )


def digest(text: str) -> str:
    """Return a digest as the store makes them."""
    return sha256(text.encode()).hexdigest()


def _plane(z_mm: float) -> Plane:
    return Plane((0.0, 0.0, z_mm), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 10, 10, (0.8, 0.8))
