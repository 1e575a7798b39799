"""Settings that enter a result: what is matched, converted, scored and claimed."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

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
    metabolic_volume_percent: values.Percent = 41.0
    """Per cent of SUVmax at and above which a region's voxels make the metabolic tumour
    volume (MTV) and the total lesion glycolysis (TLG). 41 % are the EANM's; reports
    name the threshold."""
    uptake_window_min: values.Minutes = (45, 75)
    """Minutes after the injection over which a dynamic series is averaged. Around the
    60 minutes of the publication."""
    uptake_min: Annotated[
        values.Minutes | None,
        Unit("min"),
        Wanted("the least and the greatest number of minutes, for example [50, 70]"),
    ] = Field(default=None, examples=[[50, 70]])
    """Minutes between injection and scan outside which a static study is held. Not set,
    since protocols differ; the species' half-lives bound it in any case."""
    activity_balance: values.YesOrNo = True
    """Whether a study is held whose image holds clearly more activity than was
    injected, or a unit's factor of it. It finds wrong doses and wrong units; a low
    value is normal and never holds."""
    allow_without_attenuation_correction: values.YesOrNo = False
    """Whether a PET that was not corrected for attenuation is scored, and says so.
    False: in a mouse it costs some ten per cent, in a rat far more."""


class Sources(Table):
    """Which source of weight, activity and injection time is believed."""

    precedence: Annotated[
        tuple[Annotated[Literal["log", "context", "header"], values.LowerCase], ...],
        Field(min_length=1),
        AfterValidator(values.once_each),
        Unit("choices"),
        Wanted('some of "log", "context" and "header", the most trusted first'),
    ] = ("log", "context", "header")
    """The most trusted first: the injection log, an Acquisition Context SR in the
    study, the PET's header. One that is left out is not asked. What a person releases
    comes before all."""
    weight_tolerance: values.Fraction = 0.1
    """Relative difference of weights beyond which a study is held. Animals are weighed
    some hours before the scan."""
    activity_tolerance: values.Fraction = 0.05
    """Relative difference of injected activities beyond which a study is held, both
    decayed to the injection. Dose calibrators agree to some per cent."""
    injection_tolerance_s: values.Silence = 300.0
    """Difference of injection times beyond which a study is held. Five minutes are 3 %
    of SUV with F-18."""


class InjectionLog(Table):
    """The site's table of animals, weights and injections: a CSV file."""

    path: Annotated[
        values.Folder | None, Unit("path"), Wanted("the path of a CSV file in quotes")
    ] = Field(default=None, examples=["/data/injections.csv"])
    """The file; it is read again when it changes. Its columns are described in
    `docs/injection-log.md`. Not set: the node asks the PET's header alone."""


class Animals(Table):
    """How time points of one animal are tied together."""

    attribute: Annotated[
        Literal[
            "PatientID",
            "StudyID",
            "StudyDescription",
            "SeriesDescription",
            "AccessionNumber",
            "ProtocolName",
        ],
        Unit("choice"),
        Wanted(
            '"PatientID", "StudyID", "StudyDescription", "SeriesDescription", '
            '"AccessionNumber" or "ProtocolName"'
        ),
    ] = "PatientID"
    """The PET's attribute in which the animal's name stands."""
    pattern: values.AnimalPattern = ""
    """What of it is the animal: a regular expression with a group `animal`. Inveon
    writes file names into PatientID; `'^(?P<animal>[A-Za-z0-9]+)_'` takes what stands
    before the first underscore. Empty: the whole attribute."""


class Species(Table):
    """Plausible ranges of one species."""

    weight_g: values.Grams
    """Least and greatest body weight."""
    activity_mbq: values.Megabecquerels
    """Least and greatest injected activity."""
    uptake_half_lives: values.HalfLives = (0, 5)
    """Least and greatest time between injection and scan. After five half-lives 3 % are
    left: of F-18 after nine hours, of Zr-89 after 16 days."""
    peak_diameter_mm: values.Millimetres = 12.4
    """Diameter of the sphere of SUVpeak. 12.4 mm are the 1 ml of the literature on
    people; a tumour of a mouse is smaller than that, so that a mouse has 2 mm and a rat
    4 mm."""


SHIPPED_SPECIES = {
    "mouse": Species(weight_g=(10, 60), activity_mbq=(0.5, 40), peak_diameter_mm=2.0),
    "rat": Species(weight_g=(50, 1000), activity_mbq=(1, 150), peak_diameter_mm=4.0),
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
    subtract: tuple[values.Pattern, ...] = ()
    """Names of regions that are taken out of all others: `bone*`, `vessel*`. They are
    not scored themselves."""
    interpolate_gaps: values.YesOrNo = False
    """Whether slices between contour planes that lie further apart than the slices are
    filled by interpolation, with a statement. False: nobody drew there, and the gap is
    said."""


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
    resolution_mm: values.Millimetres = 1.65
    """Resolution of the scanner, full width at half maximum: noise is correlated over
    it when the sensitivity range is made. An Inveon's is 1.5 to 1.8 mm in mice."""
    replicates: values.YesOrNo = True
    """Whether further reconstructions of the same scan, on the same grid, are scored
    too and make the sensitivity range. True: they are better than added noise."""


class Features(Table):
    """How the command `features` computes the catalogue."""

    profile: Annotated[
        str,
        Strict(),
        Field(max_length=64),
        Unit("name"),
        Wanted("nothing, or the name of a profile or score model"),
    ] = ""
    """Feature profile or score model whose preparation holds where `--profile` is not
    given. Empty: the score model's, so that a table of features and the score agree."""
    ct_grid: Annotated[
        Literal["ct", "pet"], values.LowerCase, Unit("choice"), Wanted('"ct" or "pet"')
    ] = "ct"
    """Grid of the CT features: the CT's own, or the PET's, to which the CT is averaged
    down. The CT's, where its texture is."""


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
    # Not `register`, which every class that can be abstract has.
    registration: Annotated[
        Literal["none", "rigid"],
        values.LowerCase,
        Unit("choice"),
        Wanted('"none" or "rigid"'),
    ] = Field(default="none", alias="register")
    """`rigid` registers the CT to the PET by mutual information and moves the contours
    by what it finds; `none` takes the coordinates as they are, which is right for one
    gantry and an animal that did not move."""
    maximum_motion_mm: values.Millimetres = 2.0
    """Displacement of a contour by the registration beyond which the study is held. An
    animal that moved further was not scanned as one."""


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
