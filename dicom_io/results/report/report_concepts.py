"""Concepts by which a measurement report is built (PS3.16 TID 1500 and what it uses).

They name the parts of the document; what is measured is in `dicom_io.codes`.
"""

from pydicom.sr.coding import Code


def _dcm(value: str, meaning: str) -> Code:
    return Code(value, "DCM", meaning)


# The document (TID 1500, 1204, 1004).
LANGUAGE_OF_CONTENT = _dcm("121049", "Language of Content Item and Descendants")
PROCEDURE_REPORTED = _dcm("121058", "Procedure reported")
IMAGING_MEASUREMENTS = _dcm("126010", "Imaging Measurements")
OBSERVER_TYPE = _dcm("121005", "Observer Type")
DEVICE = _dcm("121007", "Device")
DEVICE_UID = _dcm("121012", "Device Observer UID")
DEVICE_NAME = _dcm("121013", "Device Observer Name")
DEVICE_MANUFACTURER = _dcm("121014", "Device Observer Manufacturer")
DEVICE_MODEL_NAME = _dcm("121015", "Device Observer Model Name")
DEVICE_SERIAL_NUMBER = _dcm("121016", "Device Observer Serial Number")

# The image library (TID 1602, 1604).
MODALITY = _dcm("121139", "Modality")
POSITRON_EMISSION_TOMOGRAPHY = _dcm("PT", "Positron emission tomography")
FRAME_OF_REFERENCE = _dcm("112227", "Frame of Reference UID")
PIXEL_ROWS = _dcm("110910", "Pixel Data Rows")
PIXEL_COLUMNS = _dcm("110911", "Pixel Data Columns")
HORIZONTAL_SPACING = _dcm("111026", "Horizontal Pixel Spacing")
VERTICAL_SPACING = _dcm("111066", "Vertical Pixel Spacing")
SLICE_SPACING = _dcm("112226", "Spacing between slices")
SLICE_THICKNESS = _dcm("112225", "Slice Thickness")
ORIENTATION = (
    _dcm("110904", "Image Orientation (Patient) Row X"),
    _dcm("110905", "Image Orientation (Patient) Row Y"),
    _dcm("110906", "Image Orientation (Patient) Row Z"),
    _dcm("110907", "Image Orientation (Patient) Column X"),
    _dcm("110908", "Image Orientation (Patient) Column Y"),
    _dcm("110909", "Image Orientation (Patient) Column Z"),
)
PIXELS = Code("{pixels}", "UCUM", "Pixels")
MILLIMETRE = Code("mm", "UCUM", "millimeter")
DIRECTION_COSINE = Code("{-1:1}", "UCUM", "{-1:1}")

# A measurement group (TID 1411, 1419, 300, 4019, 4108).
MEASUREMENT_GROUP = _dcm("125007", "Measurement Group")
TRACKING_IDENTIFIER = _dcm("112039", "Tracking Identifier")
TRACKING_UID = _dcm("112040", "Tracking Unique Identifier")
FINDING = _dcm("121071", "Finding")
FINDING_SITE = Code("363698007", "SCT", "Finding Site")
LATERALITY = Code("272741003", "SCT", "Laterality")
ALGORITHM_NAME = _dcm("111001", "Algorithm Name")
ALGORITHM_VERSION = _dcm("111003", "Algorithm Version")
ALGORITHM_PARAMETERS = _dcm("111002", "Algorithm Parameters")
DERIVATION = _dcm("121401", "Derivation")
MEASUREMENT_METHOD = Code("370129005", "SCT", "Measurement Method")
IMAGE_REGION = _dcm("111030", "Image Region")
REFERENCED_SEGMENT = _dcm("121191", "Referenced Segment")
SOURCE_SERIES = _dcm("121232", "Source Series for Segmentation")
