"""ARRIVE 2.0: reporting of research on animals.

Numbers as in the Essential 10 and the Recommended Set of Percie du Sert et al. 2020.
"""

from node.learning.report.checklist import (
    COHORT,
    EVERY,
    MODELLING,
    REPEATABILITY,
    Guideline,
    answered,
    left_to_authors,
)

_GROUPED = (*MODELLING, COHORT)

ARRIVE = Guideline(
    "ARRIVE 2.0",
    "Percie du Sert N, Hurst V, Ahluwalia A, et al. The ARRIVE guidelines 2.0. PLoS "
    "Biol 2020;18:e3000410, doi 10.1371/journal.pbio.3000410",
    (
        answered(
            "1a",
            "Groups that are compared, controls among them",
            (COHORT,),
            "the groups in the tables; why these: authors",
        ),
        answered(
            "1b",
            "The experimental unit",
            EVERY,
            "Settings: what the groups of observations are",
        ),
        answered(
            "2a",
            "Number of units in each group, and of animals",
            EVERY,
            "Data, and n beside each number",
        ),
        left_to_authors("2b", "How the sample size was decided", EVERY),
        answered(
            "3a",
            "Criteria of inclusion and exclusion",
            EVERY,
            "Data: the tables' rules; the study's, and when set: authors",
        ),
        answered(
            "3b",
            "What was left out of the analysis, and why",
            EVERY,
            "Data, and findings.csv row by row",
        ),
        answered("3c", "Exact n of each analysis", EVERY, "n beside each number"),
        left_to_authors("4a", "Randomisation", _GROUPED),
        left_to_authors("4b", "How confounders were kept small", _GROUPED),
        left_to_authors("5", "Blinding", EVERY),
        answered(
            "6a",
            "Outcome measures",
            EVERY,
            "the tables' columns; how they were assayed: authors",
        ),
        left_to_authors("6b", "The primary outcome", _GROUPED),
        answered(
            "7a",
            "Statistical methods and software",
            EVERY,
            "Settings, and the method beside each number",
        ),
        answered(
            "7b",
            "How the methods' assumptions were checked",
            (COHORT,),
            "what stands beside each comparison; further checks: authors",
        ),
        left_to_authors("8a", "Species, strain, sex, age, weight", EVERY),
        left_to_authors("8b", "Origin, health and genotype of the animals", EVERY),
        answered(
            "9a",
            "What was done, how, and with what",
            EVERY,
            "Data, as far as images and design table say; the rest: authors",
        ),
        answered(
            "9b",
            "When and how often",
            EVERY,
            "days in the tables; times of day: authors",
        ),
        left_to_authors("9c", "Where", EVERY),
        left_to_authors("9d", "Why", EVERY),
        answered(
            "10a",
            "Summary and variability for each group",
            _GROUPED,
            "the tables and figures",
        ),
        answered(
            "10b",
            "Effect size with its interval",
            (*EVERY,),
            "the interval beside each number, or why there is none",
        ),
        left_to_authors("11", "Abstract", EVERY),
        left_to_authors("12a", "Background", EVERY),
        left_to_authors("12b", "Why this species and model", EVERY),
        left_to_authors("13", "Objectives", EVERY),
        left_to_authors("14", "Ethical statement", EVERY),
        left_to_authors("15", "Housing and husbandry", EVERY),
        left_to_authors("16a", "What was done against pain", EVERY),
        left_to_authors("16b", "Adverse events", EVERY),
        left_to_authors("16c", "Humane endpoints", EVERY),
        left_to_authors("17a", "Interpretation", EVERY),
        answered(
            "17b",
            "Limits",
            (*MODELLING, REPEATABILITY, COHORT),
            "warnings; the study's: authors",
        ),
        left_to_authors("18", "Generalisability", EVERY),
        left_to_authors("19", "Protocol and registration", EVERY),
        left_to_authors("20", "Access to the data", EVERY),
        left_to_authors("21a", "Conflicts of interest", EVERY),
        left_to_authors("21b", "Funding", EVERY),
    ),
)
