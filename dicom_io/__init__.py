"""DICOM objects: from a Dataset to a value and back (PS3.3, PS3.5, PS3.10, PS3.16).

What it knows: which attribute says what, which codes name which concept, how an object
is read from and written to a file.

What it never knows: associations, SQL, threads, schedules, the clock. Identity and
instants of what it writes are arguments (`dicom_io.stamp`).

Values: `InstanceHeader` (what the ledger keeps of an object), `PetSeries`,
`StructureSet`, `SuvConversion`, and the result objects as pydicom Datasets.

Side effects: reading and writing files, in `dicom_io.part10` alone.
"""
