"""Following a cohort: what `cohort` reads from the joined tables, and says of them.

`analysis` is the whole; `rows`, `measures` and `mixing` choose what may be compared,
`tests`, `window` and `repeatability` ask `model.learning`, and `tables`, `summary`,
`pictures` and `document` tell it.
"""
