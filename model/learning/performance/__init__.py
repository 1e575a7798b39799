"""How well scores foretell labels: discrimination, calibration, use.

Knows scores (on the logit scale), probabilities, labels of 0 and 1, and groups. Gives
every number with its interval, or says why there is none. Never knows where the scores
come from.

Values: `Assessed` numbers, curves as arrays (`calibration_groups`, `decision`).

Side effects: none.

Every module states its method and source. The numbers below which something is not
assessable are constants of the module that knows why.

Groups are the animals (or cages, or batches) whose scans are not independent. Where no
group repeats they change nothing. Where one does, every interval is the wider one of
clustered data, and counts that a minimum asks for are counts of groups.
"""
