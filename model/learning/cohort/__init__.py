"""Cohorts: how a measure moves in groups of animals, and in each of them.

Knows arrays of values with their days, animals and groups. Never knows what the measure
is or where it comes from.

Values: `CoursePoint` (mean, SD and SEM of a day), `OneWay` and `Pair` (terminal groups,
every animal once), `MixedModel` (animals that are scanned repeatedly), `Window` (days
on which infiltration is up and exhaustion is not), `Change` (of one animal).

Side effects: none. The unit of every number is the animal: a value is one animal's on
one day, and whoever has several regions of an animal has made one value of them.
"""
