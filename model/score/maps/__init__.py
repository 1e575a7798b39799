"""The equation's features in a window around each voxel of a region."""
