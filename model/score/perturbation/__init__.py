"""How a score moves: with its voxels in another order, its contour, and with noise."""
