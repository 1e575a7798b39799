"""What a training says in sentences."""

from collections.abc import Iterator, Mapping

from model.learning.estimate import Assessed, Estimate, NotAssessable
from model.learning.fitting.logistic import Method
from model.learning.selection.penalty_rule import PenaltyRule
from model.learning.training.contenders import BASELINE, BOTH, TEXTURE
from model.learning.training.permutation import Statistic
from node.learning.training.baseline import DAY, SUV_MEAN, TUMOUR_MODEL, VOLUME
from node.learning.training.run import Permutations, Training
from node.learning.validation.words import assessed_text

QUESTION = "Is it more than volume and day?"
SHOWN, NOT_SHOWN, NOT_ASSESSABLE = "shown", "not shown", "not assessable"

LEVEL = 0.05

PARTS: Mapping[str, str] = {
    VOLUME: "volume",
    SUV_MEAN: "SUVmean",
    DAY: "day",
    TUMOUR_MODEL: "tumour model",
}
CONTENDERS: Mapping[str, str] = {
    TEXTURE: "texture",
    BASELINE: "baseline: all of these",
    BOTH: "baseline and texture",
    **{name: f"{title} alone" for name, title in PARTS.items()},
}
LEFT_OUT: Mapping[str, str] = {"batch": "batch", "tumour_model": "tumour model"}

CROSS_VALIDATED = "repeated grouped cross-validation, selection nested"
BOOTSTRAPPED = "optimism-corrected by grouped bootstrap, selection nested"

METHODS: Mapping[Method, str] = {
    Method.FIRTH: "Firth's penalised likelihood with intercept correction (FLIC)",
    Method.MAXIMUM_LIKELIHOOD: "maximum likelihood, as the paper",
}
PENALTIES: Mapping[PenaltyRule, str] = {
    PenaltyRule.MINIMUM: "the penalty of least cross-validated error",
    PenaltyRule.ONE_STANDARD_ERROR: "the largest penalty within one standard error",
}

CORRELATED = (
    "The readouts are of the same cells and go up and down together: a feature that is "
    "selected for two of them has less than two witnesses."
)
INTERVAL = (
    "Intervals of cross-validated numbers are the corrected resampled t (Nadeau and "
    "Bengio 2003, Bouckaert and Frank 2004), by which folds that share animals do not "
    "count as independent. They are approximate, above all below 30 animals: how often "
    "they held the truth is in docs/statistics.md."
)


def verdict_of(training: Training) -> str:
    """Return whether texture was shown to know more than plain knowledge."""
    increment = training.increment
    gain = increment.c_index
    nothing = not training.rows.baseline.parts
    if nothing or isinstance(gain, NotAssessable):
        return NOT_ASSESSABLE
    p = increment.p_cross_validated
    is_shown = gain.low is not None and gain.low > 0 and p is not None and p < LEVEL
    return SHOWN if is_shown else NOT_SHOWN


def verdict_text(training: Training) -> str:
    """Return the same in a sentence with its numbers."""
    parts = training.rows.baseline.parts
    verdict, gain = verdict_of(training), training.increment.c_index
    if not parts:
        missing = "; ".join(
            f"{PARTS[name]}: {why}"
            for name, why in training.rows.baseline.missing.items()
        )
        return f"{QUESTION} Not assessable: no plain knowledge is there ({missing})."
    if isinstance(gain, NotAssessable):
        return f"{QUESTION} {gain.why[0].upper()}{gain.why[1:]}."
    *others, last = [PARTS[name] for name in parts]
    known = f"{', '.join(others)} and {last}" if others else last
    p = training.increment.p_cross_validated
    test = "no test was possible" if p is None else f"likelihood ratio P = {p:.2g}"
    opening = {SHOWN: "These tables say so.", NOT_SHOWN: "Not shown."}[verdict]
    baseline = assessed_text(training.c_index[BASELINE])
    return (
        f"{QUESTION} {opening} Texture changes the cross-validated C-index of {known}, "
        f"{baseline}, by {assessed_text(gain)}; {test}. Texture alone: "
        f"{assessed_text(training.c_index[TEXTURE])}."
    )


def permutation_text(found: Permutations | NotAssessable) -> str:
    """Return whether the recipe foretells more than chance."""
    if isinstance(found, NotAssessable):
        return f"Permutation P: {found.why}."
    return (
        f"Permutation P = {found.p_value:.3g} ({len(found.drawn)} arrangements of "
        f"whole groups; C-index {c_index_text(found.observed)} as observed)."
    )


def c_index_text(statistic: Statistic) -> str:
    """Return the C-index of a statistic."""
    return f"{statistic.c_index:.3f}"


def counts_text(training: Training) -> str:
    """Return what was learnt from."""
    rows, final = training.rows, training.final
    events = events_of(training)
    return (
        f"{rows.animals} animals, {rows.data.count} scans, {rows.data.group_count} "
        f"groups ({training.options.grouping}); {events} scans with "
        f"{training.options.label} above the median, {final.cut_off:.6g}."
    )


def parameters_text(training: Training) -> str:
    """Return events per parameter, and what to think of it."""
    number = events_per_parameter(training)
    count = len(training.final.chosen)
    if number is None:
        return "Events per parameter: none, for no feature is in the model."
    return (
        f"Events per parameter: {number:.1f} (observations of the rarer label over "
        f"{count} feature{'' if count == 1 else 's'}). Below 10 coefficients are "
        f"uncertain, whatever the method."
    )


def events_of(training: Training) -> int:
    """Return how many observations lie above the cut-off."""
    return int(training.rows.data.labels(training.final.cut_off).sum())


def events_per_parameter(training: Training) -> float | None:
    """Return observations of the rarer label over features; None without any."""
    count = training.rows.data.count
    events = events_of(training)
    features = len(training.final.chosen)
    return min(events, count - events) / features if features else None


def folds_text(training: Training) -> str:
    """Return what became of the folds."""
    folds = training.folds
    one_class = sum(not each.has_both_classes for each in folds)
    empty = sum(not each.chosen for each in folds)
    fell_back = sum(each.fell_back for each in folds)
    unfitted = sum(each.unfitted for each in training.rounds)
    text = (
        f"{len(folds)} folds in {len(training.rounds)} rounds: {one_class} have one "
        f"class and no C-index, {unfitted} could not be fitted, {empty} gave an empty "
        f"model (C-index 0.5)"
    )
    if training.options.method is Method.MAXIMUM_LIKELIHOOD:
        text += (
            f", and in {fell_back} the labels were separated, so that Firth's "
            f"likelihood stood in"
        )
    return f"{text}."


def crowded_text(training: Training) -> str:
    """Return what the rule chose and the fit leaves out; empty where nothing is."""
    names = [training.rows.names[column] for column in training.final.crowded_out]
    if not names:
        return ""
    return (
        f"Chosen by the rule, but not fitted: {', '.join(names)}. A feature that "
        f"follows from others is left out, and so are the weakest beyond one for two "
        f"observations of the rarer label."
    )


def notes_of(training: Training) -> Iterator[str]:
    """Give what a user must know."""
    yield CORRELATED
    if training.rows.unused_readouts:
        listed = "; ".join(training.rows.unused_readouts)
        yield f"Readouts that are not used, as too few animals have them: {listed}."
    crowded = crowded_text(training)
    if crowded:
        yield crowded
    missing = training.rows.baseline.missing
    if missing:
        listed = "; ".join(f"{PARTS[name]}: {why}" for name, why in missing.items())
        yield f"Not in the baseline: {listed}."


def estimate_of(assessed: Assessed) -> Estimate | None:
    """Return an estimate, or None where there is none."""
    return assessed if isinstance(assessed, Estimate) else None
