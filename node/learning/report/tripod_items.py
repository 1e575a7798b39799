"""TRIPOD+AI: reporting of prediction models.

Numbers as in the 27 items (52 with their parts) of Collins et al. 2024. Its item 14
(fairness), the parts about sociodemographic groups and item 19 (patients and public)
concern people; for animals they are the authors' to judge.
"""

from node.learning.report.checklist import (
    EVALUATION,
    MODELLING,
    TRAIN,
    Guideline,
    answered,
    left_to_authors,
)

TRIPOD_AI = Guideline(
    "TRIPOD+AI",
    "Collins GS, Moons KGM, Dhiman P, et al. TRIPOD+AI statement. BMJ 2024;385:"
    "e078378, doi 10.1136/bmj-2023-078378",
    (
        answered(
            "1",
            "A title that names model, population and outcome",
            MODELLING,
            "title and Model card; the population: authors",
        ),
        left_to_authors("2", "An abstract by its own checklist", MODELLING),
        left_to_authors("3a", "Context, rationale, existing models", MODELLING),
        answered(
            "3b",
            "Whom the model is for, and what",
            MODELLING,
            "Model card: intended use",
        ),
        left_to_authors("3c", "Known inequalities between groups", MODELLING),
        answered(
            "4",
            "Objectives: development, evaluation or both",
            MODELLING,
            "title and Summary",
        ),
        answered(
            "5a",
            "Where the data come from, and for what they stand",
            MODELLING,
            "Data: files with rows and hashes; for what they stand: authors",
        ),
        left_to_authors("5b", "Dates of the data", MODELLING),
        left_to_authors("6a", "Setting and centres", MODELLING),
        answered(
            "6b",
            "Who could take part",
            MODELLING,
            "Data: what was left out, and by which rule; the study's: authors",
        ),
        left_to_authors("6c", "Treatments, and how they were handled", MODELLING),
        answered(
            "7", "Preparation and checks of the data", MODELLING, "Data, and Settings"
        ),
        answered(
            "8a",
            "The outcome, when and how it was assessed",
            MODELLING,
            "Model card: outcome and cut-off; the assay: authors",
        ),
        left_to_authors(
            "8b", "Who assessed an outcome that takes judgement", MODELLING
        ),
        left_to_authors("8c", "Blinding of the outcome's assessment", MODELLING),
        answered(
            "9a",
            "Which predictors were considered first",
            (TRAIN,),
            "Settings, and the selection's tables",
        ),
        answered(
            "9b",
            "What each predictor is, and how it was measured",
            MODELLING,
            "Model card: terms and preparation; the scans: authors",
        ),
        left_to_authors("9c", "Who assessed predictors that take judgement", MODELLING),
        answered(
            "10",
            "How the size came about, and whether it suffices",
            MODELLING,
            "Summary: animals, events and events per parameter; its reason: authors",
        ),
        answered(
            "11",
            "Missing data, and why any were left out",
            MODELLING,
            "Data, and findings.csv row by row",
        ),
        answered(
            "12a",
            "How data were shared out for fitting and testing",
            (TRAIN,),
            "Settings, and the performance tables' settings",
        ),
        answered(
            "12b",
            "How predictors were scaled or transformed",
            (TRAIN,),
            "Settings, and Model card",
        ),
        answered(
            "12c",
            "Type of model, every step, tuning, internal validation",
            (TRAIN,),
            "Settings, and Model card: method",
        ),
        answered(
            "12d",
            "Differences between clusters, and how they were handled",
            (TRAIN,),
            "leave-one-batch-out and leave-one-tumour-model-out",
            validate="not examined by this command",
            calibrate="not examined by this command",
        ),
        answered(
            "12e",
            "Measures and plots of performance",
            MODELLING,
            "performance tables and figures",
        ),
        answered(
            "12f",
            "Updating of the model, as recalibration",
            EVALUATION,
            "the recalibration's section, if one was made",
        ),
        answered(
            "12g",
            "How predictions were calculated",
            EVALUATION,
            "Model card: equation, version and checksum",
        ),
        answered(
            "13",
            "Methods against class imbalance",
            MODELLING,
            "none are used; a cut at the median makes classes of like size",
        ),
        left_to_authors("14", "Fairness", MODELLING),
        answered(
            "15",
            "What the model gives; classes and their thresholds",
            (TRAIN,),
            "Model card: score, probability and cut-off",
        ),
        answered(
            "16",
            "How evaluation data differ from development data",
            MODELLING,
            "Model card: domain; the studies' differences: authors",
        ),
        left_to_authors("17", "Ethical approval", MODELLING),
        left_to_authors("18a", "Funding", MODELLING),
        left_to_authors("18b", "Conflicts of interest", MODELLING),
        left_to_authors("18c", "Protocol", MODELLING),
        left_to_authors("18d", "Registration", MODELLING),
        left_to_authors("18e", "Availability of the data", MODELLING),
        answered(
            "18f",
            "Availability of the code",
            MODELLING,
            "Settings: software and version; where it is to be had: authors",
        ),
        left_to_authors("19", "Involvement of patients and public", MODELLING),
        answered(
            "20a",
            "How many were included, with and without the outcome",
            MODELLING,
            "Data, and Summary; a diagram: authors",
        ),
        answered(
            "20b",
            "Characteristics of who took part",
            MODELLING,
            "Data, as far as the design table says; the rest: authors",
        ),
        answered(
            "20c",
            "Predictors beside those of the development data",
            EVALUATION,
            "Model card: domain of the features",
        ),
        answered(
            "21",
            "Numbers and events of each analysis",
            MODELLING,
            "performance tables, each with its n",
        ),
        answered(
            "22",
            "The full model",
            (TRAIN,),
            "Model card, and the model's file with its checksum",
        ),
        answered(
            "23a",
            "Performance with intervals",
            MODELLING,
            "performance tables and figures",
        ),
        answered(
            "23b",
            "Performance in each cluster, if examined",
            (TRAIN,),
            "leave-one-batch-out and leave-one-tumour-model-out",
            validate="not examined by this command",
            calibrate="not examined by this command",
        ),
        answered(
            "24",
            "Results of updating",
            EVALUATION,
            "the recalibration's section, if one was made",
        ),
        left_to_authors("25", "Interpretation", MODELLING),
        answered(
            "26",
            "Limits",
            MODELLING,
            "warnings, and Model card: limits; the study's: authors",
        ),
        answered(
            "27a",
            "Poor or missing input when the model is used",
            (TRAIN,),
            "Model card: when a score is refused",
        ),
        answered(
            "27b",
            "What users must do and know",
            (TRAIN,),
            "Model card: how to put it in service",
        ),
        left_to_authors("27c", "Next steps", MODELLING),
    ),
)
