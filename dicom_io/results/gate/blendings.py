"""Rules for Advanced Blending Presentation States (PS3.3 A.33.7).

Design choice: what must be there is judged here alone. dciodvfy of 2022 knows the class
in part: by its tables a state has no frame of reference, no windows and no palettes,
all of which PS3.3 has in it, and an error is that images are listed and "not
referenced", since it does not look for references in *Advanced Blending Sequence*.
"""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from dicom_io.lenient import attribute_items, attribute_text, attribute_value
from dicom_io.results.gate.fault import Finding, Origin, number_in, required

_INPUTS = "AdvancedBlendingSequence"
_DISPLAY = "BlendingDisplaySequence"
_STATE = "PS3.3 C.11.33"
_COLOURS = ("Red", "Green", "Blue")


def state_is_whole(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 A.33.7: identification, frame of reference, colour space."""
    yield from required(
        dataset,
        "FrameOfReferenceUID",
        "ContentLabel",
        "PresentationCreationDate",
        "PresentationCreationTime",
        "ICCProfile",
        _INPUTS,
        _DISPLAY,
        source="PS3.3 A.33.7",
    )
    for keyword in ("PositionReferenceIndicator", "ContentCreatorName"):
        if keyword not in dataset:
            yield keyword, "must be there (PS3.3 A.33.7)"
    if attribute_text(dataset, "PixelPresentation") != "TRUE_COLOR":
        yield "PixelPresentation", "must be TRUE_COLOR (PS3.3 C.11.34)"


def inputs_are_whole(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.11.33: what is blended, each with its images, window and colours."""
    inputs = list(attribute_items(dataset, _INPUTS))
    numbers = [attribute_value(each, "BlendingInputNumber") for each in inputs]
    if numbers != list(range(1, len(inputs) + 1)):
        yield "BlendingInputNumber", f"must count from 1 ({_STATE})"
    shapes = [attribute_text(each, "GeometryForDisplay") for each in inputs]
    if shapes.count("TRUE") != 1:
        yield "GeometryForDisplay", f"must be TRUE of one input ({_STATE})"
    for each in inputs:
        images = ("StudyInstanceUID", "SeriesInstanceUID", "ReferencedImageSequence")
        yield from required(each, *images, "TimeSeriesBlending", source=_STATE)
        yield from _display_of(each)


def _display_of(shown: Dataset) -> Iterator[Finding]:
    windows = list(attribute_items(shown, "SoftcopyVOILUTSequence"))
    if not any((number_in(each, "WindowWidth") or 0) > 0 for each in windows):
        yield "WindowWidth", "must be above 0 (PS3.3 C.11.2.1.2)"
    palettes = list(attribute_items(shown, "PaletteColorLookupTableSequence"))
    if not palettes:
        yield "PaletteColorLookupTableSequence", f"must be there ({_STATE})"
    for palette in palettes:
        for colour in _COLOURS:
            name = f"{colour}PaletteColorLookupTable"
            parts = (f"{name}Descriptor", f"{name}Data")
            yield from required(palette, *parts, source="PS3.3 C.7.9")


def mix_is_told(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.11.34: how inputs that are there are mixed."""
    known = {
        attribute_value(each, "BlendingInputNumber")
        for each in attribute_items(dataset, _INPUTS)
    }
    for mix in attribute_items(dataset, _DISPLAY):
        mode = attribute_text(mix, "BlendingMode")
        opacity = number_in(mix, "RelativeOpacity")
        if mode not in {"EQUAL", "FOREGROUND"}:
            yield "BlendingMode", "must be EQUAL or FOREGROUND (PS3.3 C.11.34)"
        if mode == "FOREGROUND" and not (opacity is not None and 0 <= opacity <= 1):
            yield "RelativeOpacity", "must be from 0 to 1 (PS3.3 C.11.34)"
        used = {
            attribute_value(each, "BlendingInputNumber")
            for each in attribute_items(mix, "BlendingDisplayInputSequence")
        }
        if not used or not used <= known:
            yield "BlendingDisplayInputSequence", "must name inputs (PS3.3 C.11.34)"


def images_are_listed(dataset: Dataset, _: Origin) -> Iterator[Finding]:
    """PS3.3 C.12.2: every image that is blended is listed by study and series."""
    elsewhere = "StudiesContainingOtherReferencedInstancesSequence"
    listed = {
        attribute_text(instance, "ReferencedSOPInstanceUID")
        for holder in (dataset, *attribute_items(dataset, elsewhere))
        for series in attribute_items(holder, "ReferencedSeriesSequence")
        for instance in attribute_items(series, "ReferencedInstanceSequence")
    }
    blended = {
        attribute_text(image, "ReferencedSOPInstanceUID")
        for each in attribute_items(dataset, _INPUTS)
        for image in attribute_items(each, "ReferencedImageSequence")
    }
    if blended != listed:
        yield "ReferencedSeriesSequence", "must list the blended images (PS3.3 C.12.2)"


BLENDINGS = (state_is_whole, inputs_are_whole, mix_is_told, images_are_listed)
"""Rules for Advanced Blending Presentation States."""
