"""The families of the Image Biomarker Standardisation Initiative, by its tags."""
