"""What an original Enhanced PET image says of scanner and reconstruction, and must."""

from typing import Any

from pydicom.dataset import Dataset


def add_acquisition(image: Dataset, shared: Dataset) -> None:
    """Add the attributes that no reader of activity needs, in place.

    Parameters
    ----------
    image : Dataset
    shared : Dataset
        Its shared functional groups.

    References
    ----------
    * DICOM PS3.3 C.8.22.2, C.8.22.5, C.8.22.6.
    """
    for keyword, value in _OF_IMAGE.items():
        setattr(image, keyword, value)
    image.EnergyWindowRangeSequence = [
        _item(EnergyWindowLowerLimit=350, EnergyWindowUpperLimit=650)
    ]
    image.ViewCodeSequence = [
        _item(
            CodeValue="399067008",
            CodingSchemeDesignator="SCT",
            CodeMeaning="lateral projection",
        )
    ]
    for keyword, values in _OF_FRAMES.items():
        setattr(shared, keyword, [_item(**values)])


def correction_factors(decay_factor: str) -> Dataset:
    """Return what a frame was corrected by, its decay among it (C.8.22.5.5)."""
    return _item(
        PrimaryPromptsCountsAccumulated=1000,
        SliceSensitivityFactor=1.0,
        DecayFactor=decay_factor,
        ScatterFractionFactor=0.1,
        DeadTimeFactor=1.0,
    )


_OF_IMAGE: dict[str, Any] = {
    "CountsSource": "EMISSION",
    "TypeOfDetectorMotion": "STATIONARY",
    "CollimatorType": "NONE",
    "TransverseDetectorSeparation": 1.6,
    "AxialDetectorDimension": 1.6,
    "CoincidenceWindowWidth": 3.4,
    "AcquisitionStartCondition": "MANU",
    "AcquisitionTerminationCondition": "TIME",
    "TerminationTimeThreshold": 600.0,
    "DetectorGeometry": "CYLINDRICAL_RING",
    "TimeOfFlightInformationUsed": "FALSE",
    "TableMotion": "STATIC",
    "ScatterCorrectionMethod": "Monte Carlo",
    "AttenuationCorrectionSource": "CT",
    "AttenuationCorrectionTemporalRelationship": "SEQUENTIAL",
    "SliceProgressionDirection": "APEX_TO_BASE",
}
_OF_FRAMES: dict[str, dict[str, Any]] = {
    "PETFrameAcquisitionSequence": {
        "TableHeight": 1.0,
        "GantryDetectorTilt": 0.0,
        "GantryDetectorSlew": 0.0,
        "DataCollectionDiameter": 100.0,
    },
    "PETDetectorMotionDetailsSequence": {
        "RotationDirection": "CW",
        "RevolutionTime": 1.0,
    },
    "PETPositionSequence": {
        "TablePosition": 0.0,
        "DataCollectionCenterPatient": [0.0, 0.0, 0.0],
        "ReconstructionTargetCenterPatient": [0.0, 0.0, 0.0],
    },
    "PETReconstructionSequence": {
        "ReconstructionType": "3D",
        "ReconstructionAlgorithm": "MLEM",
        "IterativeReconstructionMethod": "YES",
        "NumberOfIterations": 2,
        "NumberOfSubsets": 16,
        "ReconstructionDiameter": 100.0,
    },
    "PixelValueTransformationSequence": {
        "RescaleSlope": 1,
        "RescaleIntercept": 0,
        "RescaleType": "US",
    },
}


def _item(**values: Any) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item
