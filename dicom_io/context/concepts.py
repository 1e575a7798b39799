"""Concepts that tell of an animal and of what was injected into it (PS3.16).

From TID 8101 and what it includes (8130, 8131, 8170, 8182), and from TID 10022 and
10024, whose rows writers of TID 8101 borrow for the radiopharmaceutical, since TID 8101
is extensible and has none of its own.
"""

from pydicom.sr.codedict import Collection

from dicom_io.context.content_tree import Concept


def _values(context_group: str) -> dict[Concept, str]:
    """Return the codes of a context group of PS3.16 and their meanings."""
    return {
        (code.value, code.scheme_designator): code.meaning
        for code in Collection(context_group).concepts.values()
    }


BODY_WEIGHT = frozenset(
    {
        ("27113001", "SCT"),
        ("363808001", "SCT"),
        ("29463-7", "LN"),
        ("3141-9", "LN"),
        ("C81328", "NCIt"),
        ("C0005910", "UMLS"),
    }
)
ADMINISTERED_ACTIVITY: Concept = ("113507", "DCM")
PRE_ADMINISTRATION_ACTIVITY: Concept = ("113508", "DCM")
POST_ADMINISTRATION_ACTIVITY: Concept = ("113509", "DCM")
ACTIVITIES = frozenset(
    {
        ADMINISTERED_ACTIVITY,
        PRE_ADMINISTRATION_ACTIVITY,
        POST_ADMINISTRATION_ACTIVITY,
    }
)
RADIOPHARMACEUTICAL_START: Concept = ("123003", "DCM")
RADIOPHARMACEUTICAL_STOP: Concept = ("123004", "DCM")
STARTED: Concept = ("111526", "DCM")
ENDED: Concept = ("111527", "DCM")
ROUTE: Concept = ("410675002", "SCT")
SITE: Concept = ("272737002", "SCT")

RADIOPHARMACEUTICAL_ADMINISTRATION: Concept = ("113502", "DCM")
RADIOPHARMACEUTICAL_AGENT: Concept = ("349358000", "SCT")
RADIOPHARMACEUTICAL_HEADINGS = frozenset(
    {RADIOPHARMACEUTICAL_ADMINISTRATION, RADIOPHARMACEUTICAL_AGENT}
)
RADIONUCLIDE: Concept = ("89457008", "SCT")
RADIOPHARMACEUTICALS = frozenset({**_values("CID4021"), **_values("CID25")})
OF_THE_RADIOPHARMACEUTICAL = frozenset(
    {
        *ACTIVITIES,
        RADIOPHARMACEUTICAL_START,
        RADIONUCLIDE,
        RADIOPHARMACEUTICAL_AGENT,
    }
)
"""Beside these stands what else is said of the radiopharmaceutical."""

HANDLING: Concept = ("127005", "DCM")
EXOGENOUS_SUBSTANCE: Concept = ("127400", "DCM")
ANAESTHESIA: Concept = ("399097000", "SCT")
ANAESTHESIA_STARTED: Concept = ("398325003", "SCT")
ANAESTHESIA_FINISHED: Concept = ("398164008", "SCT")
MEDICATIONS: Concept = ("127320", "DCM")
MEDICATION_HISTORY: Concept = ("10160-0", "LN")
DRUG_ADMINISTERED: Concept = ("122083", "DCM")
ANAESTHETICS = frozenset({**_values("CID624"), **_values("CID625")})
OTHER_SUBSTANCES = frozenset(
    {ANAESTHESIA, MEDICATIONS, MEDICATION_HISTORY, EXOGENOUS_SUBSTANCE}
)
"""Containers of what is not the radiopharmaceutical, unless they say so."""

FASTING_DURATION: Concept = ("113550", "DCM")
GLUCOSE = frozenset(
    {
        ("2339-0", "LN"),
        ("2345-7", "LN"),
        ("41653-7", "LN"),
        ("14749-6", "LN"),
        ("15074-8", "LN"),
        ("33747003", "SCT"),
        ("36048009", "SCT"),
        ("434912009", "SCT"),
    }
)
BODY_TEMPERATURE = frozenset(
    {
        ("386725007", "SCT"),
        ("276885007", "SCT"),
        ("307047009", "SCT"),
        ("8310-5", "LN"),
        ("8329-5", "LN"),
        ("8332-9", "LN"),
    }
)
SUBJECT_ID: Concept = ("121030", "DCM")

ROUTES = _values("CID11")
"""Routes of administration (CID 11) and what PS3.16 calls them."""

GRAMS = {
    "g": 1.0,
    "kg": 1e3,
    "mg": 1e-3,
    "[lb_av]": 453.59237,
    "[oz_av]": 28.349523125,
}
"""Units of mass by their UCUM code, in grams."""

_PREFIXES = {
    "": 1.0,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
}
BECQUERELS = {
    prefix + unit: factor * size
    for prefix, factor in _PREFIXES.items()
    for unit, size in (("Bq", 1.0), ("Ci", 3.7e10))
}
"""Units of activity by their UCUM code, in Bq."""
