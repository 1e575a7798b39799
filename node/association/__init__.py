"""The DICOM network: who is served and called, and what passes (PS3.7, PS3.8)."""
