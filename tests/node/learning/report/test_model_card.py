"""A model's card says what its file says, and what it leaves open."""

from dataclasses import replace

from config.score_models import find_score_model
from model.page.document import Notice, Paragraph, Points, Section, Table, Weight
from model.score.provenance import DataFile, Performance, Provenance, Recalibration
from model.score.score_model import Calibration, ScoreModel
from node.learning.report.model_card import model_card

MADE = Provenance(
    made_by="exhaustion-node 9.9",
    method="Firth's penalised likelihood with intercept correction",
    seed=7,
    animals=24,
    observations=40,
    events=20,
    label_readout="terminal",
    label_cut_off=0.4125,
    data=(DataFile("flow", "flow.csv", "ab" * 32),),
    performance=(
        Performance("C-index", "nested cross-validation", 0.71, 0.6, 0.8),
        Performance("slope", "external", None, None, None, "not assessable at n = 6"),
    ),
    remarks=("Only LLC tumours.",),
)


def published() -> ScoreModel:
    return find_score_model("zhang2023-fine", ())


def trained(made: Provenance = MADE) -> ScoreModel:
    return replace(published(), calibration=Calibration.TRAINED, provenance=made)


def words_of(section: Section) -> str:
    lines: list[str] = []
    for block in section.blocks:
        match block:
            case Paragraph() | Notice():
                lines.append(block.text)
            case Points():
                lines += block.items
            case Table():
                lines += [" | ".join(row) for row in block.rows]
    return "\n".join(lines)


def warnings_of(section: Section) -> list[str]:
    return [
        block.text
        for block in section.blocks
        if isinstance(block, Notice) and block.weight is Weight.WARNING
    ]


def test_the_card_of_a_trained_model_tells_how_it_was_made() -> None:
    words = words_of(model_card(trained()))

    for said in (
        "zhang2023-fine 1.1.0",
        "24 animals, 40 observations, 20 of them events",
        "terminal above 0.4125",
        "flow | flow.csv | " + "ab" * 32,
        "C-index | nested cross-validation | 0.710 | 0.600 to 0.800",
        "slope | external | not assessable | none | not assessable at n = 6",
        "Seed | 7",
        "Only LLC tumours.",
        "score_models",
        'model = "zhang2023-fine-1.1.0"',
    ):
        assert said in words


def test_every_coefficient_and_choice_of_the_model_is_told() -> None:
    model = published()
    words = words_of(model_card(model))

    for name, value in model.coefficients.items():
        assert f"{name} | {value:g}" in words
    assert "voxel spacing, mm | 0.7 to 0.9" in words
    assert "discretisation | ibex_fixed_count" in words
    assert "dimension | 2.5D" in words
    assert model.sha256 in words


def test_an_uncalibrated_model_is_warned_of() -> None:
    assert any("uncalibrated" in each for each in warnings_of(model_card(published())))
    assert not warnings_of(model_card(trained()))


def test_a_model_of_unknown_performance_says_so() -> None:
    card = model_card(trained(replace(MADE, performance=())))

    assert any("not assessed" in each for each in warnings_of(card))


def test_a_recalibrated_model_names_its_base_and_what_it_cannot_mend() -> None:
    base = Recalibration("zhang2023-fine", "1.1.0", "ef" * 32, -0.5, 1.0)
    words = words_of(model_card(trained(replace(MADE, recalibration=base))))

    assert "zhang2023-fine 1.1.0, " + "ef" * 32 in words
    assert "-0.5 + 1 x score" in words
    assert "mends no ranking" in words


def test_what_the_file_leaves_open_is_told() -> None:
    domain = replace(published().domain, routes=(), uptake_min=None)
    words = words_of(model_card(replace(published(), domain=domain)))

    assert "routes | not stated" in words
    assert "uptake, min | not stated" in words
