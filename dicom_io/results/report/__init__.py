"""The structured report (PS3.16 TID 1500): made of a case's numbers, and read back.

Knows content items, codes and templates; never how a number came about. `report_tree`
is the document, `measurement_group` and `measurements` what is said of a region,
`measurement_report` the objects, one whose regions are outlines and one whose regions
are segments; `report_reading` gives the numbers of a report again.
"""
