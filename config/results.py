"""Settings of the objects that a result consists of."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from config import values
from config.table import Table
from config.values import Unit, Wanted

Kind = Literal[
    "sr",
    "segment_sr",
    "segmentation",
    "parametric_map",
    "suv_series",
    "score_series",
    "summary",
    "pdf",
    "key_objects",
    "blending",
]
Kinds = Annotated[
    tuple[Kind, ...],
    Field(min_length=1),
    AfterValidator(values.once_each),
    Unit("list"),
    Wanted(
        'some of ["sr", "segment_sr", "segmentation", "parametric_map", "suv_series", '
        '"score_series", "summary", "pdf", "key_objects", "blending"]'
    ),
]
SENT: tuple[Kind, ...] = (
    "sr",
    "segmentation",
    "parametric_map",
    "suv_series",
    "score_series",
    "summary",
    "pdf",
)
"""What a destination gets unless it says otherwise."""
_MADE_OF: dict[Kind, tuple[Kind, ...]] = {
    "segment_sr": ("segmentation",),
    "blending": ("suv_series", "score_series"),
}
"""What points to objects of other kinds, and does not exist without them."""


class Results(Table):
    """Which objects a result consists of, and how they are numbered in the study."""

    objects: Kinds = (*SENT[:1], "segment_sr", *SENT[1:], "key_objects")
    """What is made: the structured report, the same with segments as its regions, the
    segmentation, the Parametric Maps, the PET in SUV and the local index as ordinary
    image series, the summary pages as images and as PDF, a Key Object Selection, and a
    blending presentation state. The report with segments needs the segmentation, the
    blending both image series. By default all but the blending, which few viewers show
    and validators know in part only; `destinations.objects` says what is sent where."""
    series_number_base: values.SeriesNumber = 9001
    """Series number of the report; the other objects follow at fixed distances
    (`docs/objects.md`). High, so that results stand behind what the scanner numbers."""
    feature_maps: values.YesOrNo = False
    """Whether the model's features are mapped beside the index, each as a Parametric
    Map. False, since they are for those who look into the method."""
    probability_maps: values.YesOrNo = False
    """Whether the local index is also mapped as a probability, where the model may
    state one. False: a probability of a few voxels is easily read as one of cells."""
    finding_site: Annotated[
        tuple[str, str, str],
        Unit("code, scheme, meaning"),
        Wanted('a code like ["61685007", "SCT", "Lower limb"]'),
    ] = ("38266002", "SCT", "Entire body")
    """Where the regions lie, as a code, its scheme and its meaning (PS3.16 CID 4031),
    for PETs that do not say it themselves. The whole body by default, since anything
    closer would be a guess."""
    pages: values.Count = 12
    """Regions that get a summary page of their own; further ones are listed on the
    last page. A page is an image of some megabytes."""
    review: values.YesOrNo = False
    """Whether results wait (`awaiting_review`) until a person has looked at the page
    and released them. False: they are sent at once, and say what they are."""
    external_check: values.YesOrNo = True
    """Whether each series is also checked by dciodvfy before it is sent, where that
    program is installed. The node's own rules always hold."""

    @field_validator("objects")
    @classmethod
    def _make_what_others_need(cls, value: tuple[Kind, ...]) -> tuple[Kind, ...]:
        for name in value:
            lacking = [need for need in _MADE_OF.get(name, ()) if need not in value]
            if lacking:
                fact = "asks for {name} and leaves out {what}, which it points to"
                told = {"name": name, "what": " and ".join(lacking)}
                raise PydanticCustomError("not_enough", fact, told)
        return value

    @field_validator("finding_site")
    @classmethod
    def _hold_a_code(cls, value: tuple[str, str, str]) -> tuple[str, str, str]:
        longest = (16, 16, 64)
        for text, most in zip(value, longest, strict=True):
            whole = 0 < len(text.strip()) == len(text) <= most
            if not whole or not text.isprintable() or "\\" in text:
                code, fact = "code", "not a code that DICOM can hold"
                raise PydanticCustomError(code, fact)
        return value
