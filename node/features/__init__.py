"""The features of the regions of a study, from a folder: the command ``features``.

Knows which image of a folder is measured (`extraction`), what is drawn on it
(`pet_image`, `other_image`, `ct_on_pet`, `nifti_masks`), how a region becomes numbers
(`measuring`), and how people read them (`page`, `table`). Never knows voxel arithmetic
or attributes of DICOM objects. Values are `RoiFeatures` and `Held` of
`node.records.cases`; the table is its only side effect.
"""
