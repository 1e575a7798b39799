"""The paper's modelling on a site's own tables: what the commands compose.

Knows the tables that people have (`tables`), and puts `model.learning`, `model.page`
and the files of score models together: `repeatability`, `train`, `validate`,
`calibrate`, `cohort`. Never computes a statistic itself.

Side effects: reads the tables that it is given, writes reports into the folder of
``--out``; draws progress on standard error.
"""
