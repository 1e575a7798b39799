"""Settings that enter a result: what is matched, converted, scored and claimed."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from config import values
from config.table import Table
from config.values import Unit, Wanted


class Suv(Table):
    """From activity to SUV."""

    species: values.Name = "mouse"
    """Whose limits of weight and activity hold, a key of `[species]`. A study outside
    them is held: a wrong weight is a wrong SUV that nobody sees."""
    units_in_doubt: Annotated[
        Literal["hold", "convert"], Unit("choice"), Wanted('"hold" or "convert"')
    ] = "hold"
    """What happens to a weight or an activity that is plausible only in another unit
    (grams where DICOM wants kilograms, MBq for Bq): `hold` it for a person, or
    `convert` it and say so in the result. Hold, since a guess might be wrong."""


class Species(Table):
    """Plausible ranges of one species."""

    weight_g: values.Grams
    """Least and greatest body weight."""
    activity_mbq: values.Megabecquerels
    """Least and greatest injected activity."""


SHIPPED_SPECIES = {
    "mouse": Species(weight_g=(10, 60), activity_mbq=(0.5, 40)),
    "rat": Species(weight_g=(50, 1000), activity_mbq=(1, 150)),
    "human": Species(weight_g=(2000, 300_000), activity_mbq=(10, 2000)),
}
"""What holds unless the configuration says otherwise."""


class Rois(Table):
    """Which regions of a structure set are scored, by their names.

    Patterns ignore case; `*` stands for anything and `?` for a character.
    """

    include: Annotated[tuple[values.Pattern, ...], Field(min_length=1)] = ("*",)
    """Names that are scored. All by default, so that a first study gives a result;
    name your tumours (`tumor*`, `gtv*`) once your conventions are settled."""
    exclude: tuple[values.Pattern, ...] = ()
    """Names that are never scored, even when included: `body`, `bed`."""


class Score(Table):
    """Which score model speaks, and what it may claim."""

    model: values.Name = "zhang2023-fine"
    """Score model whose score is reported. With a version (`name-1.0.0`) it stays that
    one; without, it is the newest of that name. The default reads the published
    equation with 256 grey levels: a wrong dose or weight cannot change its score."""
    readings: tuple[values.Name, ...] = (
        "zhang2023-fine",
        "zhang2023-64",
        "zhang2023-ibex-example",
    )
    """Score models that are shown beside it. The publication leaves the grey levels
    open; how far the readings differ is what the reader must see."""
    class_when_uncalibrated: values.YesOrNo = False
    """Whether an uncalibrated model may state a probability and a class. False: the
    published cut-off was never tested on your scanner."""
    model_folders: tuple[values.Folder, ...] = ()
    """Further folders with a site's own score models, beside the folder `score_models`
    in the data folder."""


class CoRegistered(Table):
    """A gantry whose PET and CT share coordinates under different UIDs."""

    model_name: Annotated[
        str,
        Strict(),
        Field(min_length=1, max_length=64, examples=["Inveon MM Platform"]),
        Unit("text"),
        Wanted("text in quotes, as the PET states it"),
    ]
    """Manufacturer's Model Name of the PET, exactly. On an Inveon: `Inveon MM
    Platform`. Contours drawn on the CT of such a study are accepted on its PET."""


class Matching(Table):
    """Which contours belong to which PET."""

    settle_seconds: values.Silence = 60.0
    """Silence after which contours whose referenced images do not come are matched by
    series, then by frame of reference. Longer than your slowest scanner's pause
    between two objects; results by reference do not wait for it."""
    preferred_pet: tuple[values.Pattern, ...] = ()
    """When several PET series fit: patterns of Series Description, the preferred first,
    case ignored. Without a preference such a study is held with the list."""
    co_registered: tuple[CoRegistered, ...] = ()
    """Gantries whose frames of reference count as one although their UIDs differ.
    Empty, since only a site can know that its scanner is aligned."""
