"""Promises of `dicom_io.pet.tracer`, `radionuclide`, `route` and `species`."""

import pytest
from pydicom.dataset import Dataset

from dicom_io.pet.frame_headers import frame_headers
from dicom_io.pet.radionuclide import radionuclide_of
from dicom_io.pet.route import route_named, route_of
from dicom_io.pet.species import species_of
from dicom_io.pet.tracer import tracer_of
from tests.support.enhanced_pet import enhanced_dataset
from tests.support.pet import pet_datasets

FDG_CODE = ("35321007", "SCT", "Fluorodeoxyglucose F^18^")
FLUORINE = ("77004003", "SCT", "^18^Fluorine")


def code(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def header(*injections: Dataset, **attributes: object) -> Dataset:
    dataset = Dataset()
    dataset.RadiopharmaceuticalInformationSequence = list(injections)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def injection(
    name: str = "",
    coded: tuple[str, str, str] | None = None,
    nuclide: tuple[str, str, str] | None = None,
    half_life: str = "",
) -> Dataset:
    item = Dataset()
    item.Radiopharmaceutical = name
    item.RadionuclideHalfLife = half_life
    if coded is not None:
        item.RadiopharmaceuticalCodeSequence = [code(*coded)]
    if nuclide is not None:
        item.RadionuclideCodeSequence = [code(*nuclide)]
    return item


@pytest.mark.parametrize(
    "name",
    [
        "FDG",
        "F-18 FDG",
        "18F-FDG",
        "[18F]FDG",
        "18FFDG",
        "FDG_18F",
        "Fluorodeoxyglucose F^18^",
        "FDG -- fluorodeoxyglucose",
        "Fludeoxyglucose (18F)",
        "2-deoxy-2-[18F]fluoro-D-glucose",
        "fluoro-deoxy-glucose",
        "FDG in citrate",
        "fdg 5.55 MBq",
        "18FDG",
        "F18DG",
        "Flourodeoxyglucose",
        "Fluordesoxyglukose F18",
        "fluorodésoxyglucose",
        "fluorodesossiglucosio",
    ],
)
def test_fdg_is_recognised_in_any_spelling(name: str) -> None:
    assert tracer_of(header(injection(name))).name == "FDG"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("FDOPA", "FDOPA"),
        ("[18F]FLT", "FLT"),
        ("FMISO", "FMISO"),
        ("NaF", "NaF"),
        ("Na18F", "Na18F"),
        ("F-18 fluorocholine", "fluorocholine"),
        ("Sodium fluoride F^18^", "Sodium fluoride"),
        ("18F-fluorothymidine", "fluorothymidine"),
        ("fluorodeoxygalactose", "fluorodeoxygalactose"),
        ("FDGal", "FDGal"),
        ("68Ga-DOTATATE", "68Ga-DOTATATE"),
        ("Ga68-PSMA", "Ga68-PSMA"),
        ("89Zr-FDG", "89Zr-FDG"),
        ("18FLT", "18FLT"),
        ("2-deoxyglucose", "2-deoxyglucose"),
        ("FDG-labelled cells", "FDG-labelled cells"),
        ("XYZ-123", "XYZ-123"),
    ],
)
def test_another_tracer_is_never_taken_for_fdg(name: str, shown: str) -> None:
    assert tracer_of(header(injection(name))).name == shown


@pytest.mark.parametrize("name", ["", "F-18", "18F", "Solution", "unknown", "Dose 3"])
def test_a_text_without_a_tracer_states_none(name: str) -> None:
    found = tracer_of(header(injection(name, nuclide=FLUORINE)))

    assert (found.name, found.radionuclide) == (None, "F-18")


@pytest.mark.parametrize(
    "coded",
    [
        FDG_CODE,
        ("C-B1031", "SRT", "Fluorodeoxyglucose F^18^"),
        ("C-B1031", "SNM3", ""),
        ("C-B1031", "99SDM", ""),
        ("Y-X1743", "99SDM", "FDG -- fluorodeoxyglucose"),
        ("FDG-1", "99SITE", "[18F]FDG"),
    ],
)
def test_the_code_of_fdg_is_known_in_new_and_old_schemes(
    coded: tuple[str, str, str],
) -> None:
    assert tracer_of(header(injection("Solution", coded))).name == "FDG"


def test_the_code_of_another_tracer_gives_its_name() -> None:
    choline = ("456992002", "SCT", "")

    assert tracer_of(header(injection("", choline))).name == "Fluorocholine F^18^"


def test_a_code_of_fdg_does_not_overrule_another_tracer() -> None:
    found = tracer_of(header(injection("FLT", FDG_CODE)))

    assert found.name == "FLT (elsewhere FDG)"
    assert tracer_of(header(injection("batch K7", FDG_CODE))).name == "FDG"


def test_other_sources_are_heard_beside_the_image() -> None:
    assert tracer_of(header(), ["FDG"]).name == "FDG"
    assert tracer_of(header(injection("FDG")), ["FLT"]).name == "FLT (elsewhere FDG)"


def test_an_image_without_an_injection_states_nothing() -> None:
    found = tracer_of(Dataset())

    assert (found.name, found.radionuclide) == (None, None)


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (injection(nuclide=FLUORINE), "F-18"),
        (injection(nuclide=("C-111A1", "99SDM", "")), "F-18"),
        (injection(nuclide=("63360001", "SCT", "^89^Zirconium")), "Zr-89"),
        (injection(nuclide=("Ga68", "99SITE", "Gallium 68")), "Ga-68"),
        # Public reference objects call gallium 66 gallium 68.
        (
            injection(nuclide=("79477007", "SCT", "^68^Gallium"), half_life="4062.6"),
            "Ga-68",
        ),
        (injection(half_life="6588"), "F-18"),
        (injection(half_life="7000"), None),
        (injection(), None),
    ],
)
def test_the_radionuclide_is_that_of_code_or_half_life(
    item: Dataset, found: str | None
) -> None:
    assert radionuclide_of(item) == found


def test_a_strain_of_mice_is_no_radionuclide() -> None:
    assert tracer_of(header(injection("FDG C57"))).name == "FDG"


@pytest.mark.parametrize(
    ("words", "route"),
    [
        ("IP", "intraperitoneal"),
        ("i.p.", "intraperitoneal"),
        ("Intraperitoneal route", "intraperitoneal"),
        ("i.v. bolus", "intravenous"),
        ("lateral tail vein", "intravenous"),
        ("subcutaneous injection", "subcutaneous"),
        ("Retro-orbital route", "retro-orbital"),
        ("IP injection (left)", "intraperitoneal"),
        ("ip, 0.1 ml", "intraperitoneal"),
        ("temporal vein", "intravenous"),
        ("intratumoral", "intratumor"),
        ("p.o.", "oral"),
        ("per os", "oral"),
        ("oral gavage", "oral"),
        ("ip then iv", "ip then iv"),
        ("intraperitoneal, not intravenous", "intraperitoneal, not intravenous"),
        ("nasal", "nasal"),
        ("unknown", None),
        ("injection", None),
        ("", None),
    ],
)
def test_a_route_is_known_in_the_words_of_the_field(
    words: str, route: str | None
) -> None:
    assert route_named(words) == route


def test_the_route_of_an_image_is_that_of_its_code_before_its_text() -> None:
    item = injection()
    item.RadiopharmaceuticalRoute = "IV"
    assert route_of(header(item)) == "intravenous"

    item.AdministrationRouteCodeSequence = [code("38239002", "SCT", "")]
    assert route_of(header(item)) == "intraperitoneal"
    assert route_of(Dataset()) is None


@pytest.mark.parametrize(
    ("attributes", "species"),
    [
        ({"PatientSpeciesCodeSequence": [code("447612001", "SCT", "")]}, "mouse"),
        ({"PatientSpeciesCodeSequence": [code("L-85003", "SRT", "?")]}, "human"),
        ({"PatientSpeciesDescription": "Homo sapiens"}, "human"),
        ({"PatientSpeciesDescription": "Rattus  norvegicus"}, "rat"),
        ({"PatientSpeciesDescription": "Danio rerio"}, "danio rerio"),
        ({"PatientSpeciesDescription": "Mus musculus C57BL/6"}, "mouse"),
        ({"PatientSpeciesDescription": "guinea pig"}, "guinea pig"),
        ({"PatientSpeciesDescription": "mouse or rat"}, "mouse or rat"),
        ({}, ""),
    ],
)
def test_a_species_has_its_common_name(
    attributes: dict[str, object], species: str
) -> None:
    assert species_of(header(**attributes)) == species


def test_enhanced_pet_states_its_tracer_in_the_same_sequence() -> None:
    pet = pet_datasets(slices=2)
    image = enhanced_dataset(pet)
    injected = image.RadiopharmaceuticalInformationSequence[0]
    injected.AdministrationRouteCodeSequence = [
        code("38239002", "SCT", "Intraperitoneal route")
    ]

    first = frame_headers(image).headers[0]

    assert tracer_of(first).name == "FDG"
    assert tracer_of(first).radionuclide == "F-18"
    assert route_of(first) == "intraperitoneal"
