"""Test and retest: which features say the same when an animal is scanned twice.

`rows` are what is compared, out of a table (`table_in`) or out of folders of DICOM
studies (`studies`, `pairing`); `run` asks `model.learning` and decides what is kept;
`results` and `report` tell it; `table` reads back what was written.
"""
