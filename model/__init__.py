"""Numbers on grids in named units: images, masks, features and scores.

What it knows: the voxel grid, contours as points in LPS millimetres, SUV arithmetic,
discretisation, texture features, score models and score maps.

What it never knows: DICOM, files, sockets, clocks, logging. Whatever a number depends
on is an argument; whatever it depended on is in the result.

Conventions: arrays are (slice, row, column); points are LPS millimetres; units are in
the names (`activity_bq`, `weight_g`); instants are timezone-aware.

Side effects: none.
"""
