"""The features of a region: by IBEX's definitions and names, or by IBSI's tags.

Knows an image and a mask on one grid, and the `Preparation` that says what lies between
them and a number. Never knows what kind of object the image came from, how the region
was drawn, or what a score makes of the features. There are no side effects.

Values flow one way: `resampling` and `resegmentation` prepare image and mask,
`discretisation` makes grey levels, `glcm` and `glrlm` count pairs and runs, `engine`
applies PyRadiomics' formulas to them, `intensity` and `shape` take values and mask as
they are. `catalogue` puts these together under IBEX's names into a `FeatureVector`,
in which every NaN has its reason (`undefined`); `ibsi` does it by the standard's tags.

The catalogue's table is data that computes nothing: `definitions`, with its rows in
`intensity_rows`, `shape_rows` and `texture_rows`. The codes in DICOM objects and
``docs/features.md`` are made from it.
"""
