"""Builders of Acquisition Context SRs (PS3.16 TID 8101), item by item."""

from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import AcquisitionContextSRStorage, ExplicitVRLittleEndian

from tests.support.pet import ROOT, STUDY_UID

CONTEXT_UID = f"{ROOT}.1.7.1"
CONTEXT_SERIES_UID = f"{ROOT}.1.7"

Triplet = tuple[str, str, str]

ROOT_CONCEPT = ("127001", "DCM", "Preclinical Small Animal Imaging Acquisition Context")
BODY_WEIGHT = ("27113001", "SCT", "Body weight")
ADMINISTERED = ("113507", "DCM", "Administered activity")
BEFORE = ("113508", "DCM", "Pre-Administration Measured Activity")
AFTER = ("113509", "DCM", "Post-Administration Measured Activity")
ADMINISTRATION = ("113502", "DCM", "Radiopharmaceutical Administration")
AGENT = ("349358000", "SCT", "Radiopharmaceutical agent")
FDG = ("35321007", "SCT", "Fluorodeoxyglucose F^18^")
STARTED_AT = ("123003", "DCM", "Radiopharmaceutical Start DateTime")
STOPPED_AT = ("123004", "DCM", "Radiopharmaceutical Stop DateTime")
STARTED = ("111526", "DCM", "DateTime Started")
ROUTE = ("410675002", "SCT", "Route of administration")
INTRAVENOUS = ("47625008", "SCT", "Intravenous route")
INTRAPERITONEAL = ("38239002", "SCT", "Intraperitoneal route")
SUBCUTANEOUS = ("34206005", "SCT", "Subcutaneous route")
EXOGENOUS = ("127400", "DCM", "Exogenous substance")
GRAFT_MATERIAL = ("127460", "DCM", "Tumor Graft")
LUNG_CANCER = ("363358000", "SCT", "Lung cancer")
ANAESTHESIA = ("399097000", "SCT", "Administration of anesthesia")
MEDICATIONS = ("127320", "DCM", "Medications Set")
DRUG = ("122083", "DCM", "Drug administered")
ISOFLURANE = ("387368002", "SCT", "Isoflurane")
FASTING = ("113550", "DCM", "Fasting Duration")
GLUCOSE = ("14749-6", "LN", "Glucose")
TEMPERATURE = ("276885007", "SCT", "Core body temperature")
HANDLING = ("127005", "DCM", "Animal handling during specified phase")
PHASE = ("127006", "DCM", "Phase of animal handling")
SUBJECT_ID = ("121030", "DCM", "Subject ID")


def coded(code: Triplet) -> Dataset:
    """Return an item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code
    return item


def container(concept: Triplet, *below: Dataset) -> Dataset:
    """Return a CONTAINER item."""
    item = _item("CONTAINER", concept, below)
    item.ContinuityOfContent = "SEPARATE"
    return item


def num(
    concept: Triplet, value: object, unit: str, *below: Dataset, at: str = ""
) -> Dataset:
    """Return a NUM item, observed at an instant if one is given."""
    item = _item("NUM", concept, below)
    measured = Dataset()
    measured.NumericValue = str(value)
    measured.MeasurementUnitsCodeSequence = [coded((unit, "UCUM", unit))]
    item.MeasuredValueSequence = [measured]
    if at:
        item.ObservationDateTime = at
    return item


def code(concept: Triplet, value: Triplet, *below: Dataset) -> Dataset:
    """Return a CODE item."""
    item = _item("CODE", concept, below)
    item.ConceptCodeSequence = [coded(value)]
    return item


def date_time(concept: Triplet, value: str) -> Dataset:
    """Return a DATETIME item."""
    item = _item("DATETIME", concept, ())
    item.DateTime = value
    return item


def text(concept: Triplet, value: str) -> Dataset:
    """Return a TEXT item."""
    item = _item("TEXT", concept, ())
    item.TextValue = value
    return item


def acquisition_context(*below: Dataset, **overrides: Any) -> Dataset:
    """Return an Acquisition Context SR with some items below its root.

    Parameters
    ----------
    *below : Dataset
    **overrides
        By keyword, on the object; None removes the attribute.
    """
    report = container(ROOT_CONCEPT, *below)
    del report.RelationshipType
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.SOPClassUID = AcquisitionContextSRStorage
    report.SOPInstanceUID = CONTEXT_UID
    report.StudyInstanceUID = STUDY_UID
    report.SeriesInstanceUID = CONTEXT_SERIES_UID
    report.Modality = "SR"
    report.SeriesNumber = report.InstanceNumber = 7
    report.PatientName, report.PatientID = "Anonymous^Mouse", "mouse-1"
    report.PatientBirthDate, report.PatientSex = "20251201", "F"
    report.StudyDate = report.ContentDate = "20260302"
    report.StudyTime = report.ContentTime = "090000"
    report.StudyID, report.AccessionNumber = "1", ""
    report.ReferringPhysicianName = ""
    report.Manufacturer, report.ManufacturerModelName = "Vivarium", "Notebook"
    report.DeviceSerialNumber, report.SoftwareVersions = "1", "1.0"
    report.ReferencedPerformedProcedureStepSequence = []
    report.PerformedProcedureCodeSequence = []
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "UNVERIFIED"
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "8101"
    report.ContentTemplateSequence = [template]
    for keyword, value in overrides.items():
        if value is None:
            del report[keyword]
        else:
            setattr(report, keyword, value)
    return report


def ordinary_items() -> Sequence[Dataset]:
    """Return what a site may record: an implanted tumour, FDG, isoflurane, weight."""
    return (
        num(BODY_WEIGHT, "24.8", "g"),
        container(
            EXOGENOUS,
            code(
                GRAFT_MATERIAL,
                LUNG_CANCER,
                date_time(STARTED, "20260215101500+0100"),
                code(ROUTE, SUBCUTANEOUS),
            ),
        ),
        container(
            ADMINISTRATION,
            code(AGENT, FDG),
            date_time(STARTED_AT, "20260302100500+0100"),
            date_time(STOPPED_AT, "20260302100510+0100"),
            num(ADMINISTERED, "8.9", "MBq"),
            code(ROUTE, INTRAVENOUS),
        ),
        container(ANAESTHESIA, container(MEDICATIONS, code(DRUG, ISOFLURANE))),
        num(FASTING, "4", "h"),
        num(GLUCOSE, "7.9", "mmol/L"),
        num(TEMPERATURE, "36.8", "Cel"),
    )


def _item(value_type: str, concept: Triplet, below: Sequence[Dataset]) -> Dataset:
    item = Dataset()
    item.ValueType = value_type
    item.RelationshipType = "CONTAINS"
    item.ConceptNameCodeSequence = [coded(concept)]
    if below:
        item.ContentSequence = list(below)
        if value_type != "CONTAINER":
            for each in below:
                each.RelationshipType = "HAS PROPERTIES"
    return item
