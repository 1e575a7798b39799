"""CLEAR: reporting of radiomics research.

Numbers as in the 58 items of Kocak et al. 2023, in the wording of its own web form.
Items about the manuscript itself (1 to 6 and 49 to 51) have nothing to do with a run of
this software and are not listed.
"""

from node.learning.report.checklist import (
    COHORT,
    EVALUATION,
    EVERY,
    MODELLING,
    REPEATABILITY,
    TRAIN,
    Guideline,
    answered,
    left_to_authors,
)

_MEASURED = "the feature profile that Data names; it is the software's own file"

CLEAR = Guideline(
    "CLEAR",
    "Kocak B, Baessler B, Bakas S, et al. CheckList for EvaluAtion of Radiomics "
    "research (CLEAR). Insights Imaging 2023;14:75, doi 10.1186/s13244-023-01415-8",
    (
        answered("7", "Which checklists were followed", EVERY, "this section"),
        left_to_authors("8", "Ethics", EVERY),
        answered(
            "9", "Sample size", EVERY, "Data: what there was; its reason: authors"
        ),
        left_to_authors("10", "Nature of the study", EVERY),
        answered(
            "11", "Eligibility", EVERY, "Data: rules of exclusion; the study's: authors"
        ),
        left_to_authors("12", "Flow chart of the technical steps", EVERY),
        left_to_authors("13", "Source of the data", EVERY),
        left_to_authors("14", "Overlap with earlier publications", EVERY),
        answered(
            "15",
            "How data were split, and what keeps them apart",
            (TRAIN,),
            "Settings: groups are never parted, selection is inside each fold",
        ),
        answered(
            "16",
            "Imaging protocol",
            EVERY,
            "Data, as far as the images say; the rest: authors",
        ),
        answered(
            "17",
            "Predictors that are no radiomics",
            (TRAIN,),
            "baseline models: volume, SUVmax, SUVmean, day, tumour model",
        ),
        answered(
            "18",
            "Reference standard",
            MODELLING,
            "Model card: readout and cut-off; the assay: authors",
        ),
        left_to_authors("19", "How regions were drawn", EVERY),
        left_to_authors("20", "Who drew them", EVERY),
        answered("21", "Preparation of the images", EVERY, _MEASURED),
        answered("22", "Resampling", EVERY, _MEASURED),
        answered("23", "Discretisation", EVERY, _MEASURED),
        answered("24", "Types of image, as filtered ones", EVERY, _MEASURED),
        answered(
            "25",
            "How features were extracted",
            EVERY,
            "Settings: software and version; the profile that Data names",
        ),
        answered("26", "Classes of features", EVERY, _MEASURED),
        answered("27", "Number of features", EVERY, "Data"),
        answered(
            "28",
            "That all other parameters were defaults",
            EVERY,
            "Settings list every option with its value",
        ),
        answered("29", "Missing data", EVERY, "Data, and findings.csv row by row"),
        answered(
            "30",
            "Balance of the classes",
            MODELLING,
            "Summary: events of observations; no balancing is done",
        ),
        answered(
            "31",
            "Reliability of the segmentation",
            (REPEATABILITY,),
            "the table of features, if the pairs differ in their contours",
            train="the repeatability table, if one was given with --kept",
        ),
        answered(
            "32",
            "Scaling of features",
            (TRAIN,),
            "Settings: standardised within each fit, coefficients in raw units",
        ),
        answered(
            "33",
            "Dimension reduction",
            (TRAIN,),
            "the selection's tables",
            repeatability="thresholds in Settings, "
            "features that were kept in the table",
        ),
        answered("34", "Algorithms", MODELLING, "Settings, and Model card: method"),
        answered("35", "Training and tuning", (TRAIN,), "Settings"),
        answered(
            "36",
            "Confounders",
            (TRAIN,),
            "the increment over volume and day; batches and tumour models left out",
            cohort="scanners, routes and reconstructions that are mixed",
        ),
        answered(
            "37",
            "How the final model was chosen",
            (TRAIN,),
            "the selection's tables, and Settings: rule and penalty",
        ),
        answered(
            "38",
            "Internal or external testing",
            MODELLING,
            "the setting that stands beside each number",
        ),
        answered("39", "Measures of performance", MODELLING, "performance tables"),
        answered(
            "40",
            "Uncertainty",
            EVERY,
            "the interval beside each number, or why there is none",
        ),
        answered(
            "41",
            "Statistical comparison of models",
            MODELLING,
            "performance tables; Settings name the software",
            cohort="the comparisons' tables, with their correction",
        ),
        answered(
            "42",
            "Comparison with other predictors, and utility",
            (TRAIN,),
            "the increment over baseline models; decision curve in validate",
            validate="decision curve; other predictors: train",
        ),
        left_to_authors("43", "Interpretability", MODELLING),
        answered(
            "44",
            "Baseline characteristics",
            (*MODELLING, COHORT),
            "Data, as far as the design table says; the rest: authors",
        ),
        answered(
            "45",
            "Flow chart of eligibility, with numbers",
            EVERY,
            "Data: the numbers; the chart: authors",
        ),
        answered(
            "46",
            "Statistics of the features",
            (REPEATABILITY, TRAIN),
            "the tables of features, whole as CSV",
        ),
        answered("47", "Performance", MODELLING, "performance tables and figures"),
        answered(
            "48",
            "Results beside those of other predictors",
            (TRAIN,),
            "the first section: is it more than volume and day?",
        ),
        answered("52", "Strengths and limits", EVERY, "warnings; the study's: authors"),
        left_to_authors("53", "Sharing of images and regions", EVERY),
        answered(
            "54",
            "Sharing of features",
            EVERY,
            "the CSV files beside this report; where they are to be had: authors",
        ),
        answered("55", "Sharing of the settings of preparation", EVERY, _MEASURED),
        answered(
            "56",
            "Sharing of the modelling's code",
            MODELLING,
            "Settings: software and version; where it is to be had: authors",
        ),
        answered(
            "57",
            "Sharing of the model",
            (TRAIN, "calibrate"),
            "the model's file beside this report",
        ),
        answered(
            "58",
            "Sharing of something ready to use",
            EVALUATION,
            "the model's file runs in this software",
            train="the model's file runs in this software",
        ),
    ),
)
