"""What all reports share: how they are written, and what stands in each.

`writing` makes the files (`csv_table`, `json_values`); `sections` tell settings, data
and findings; `model_card` and `reporting_items` (`checklist` and its three lists) what
a publication needs; `progress` says how far the work is.
"""
