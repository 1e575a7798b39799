"""Tables in: features, flow cytometry, fractions of cells, the design; and their join.

Every table is CSV, as the programs write it that people use. The join is on animal and
day; each row that was left out, and why, is a `Finding`.
"""
