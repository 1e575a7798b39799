"""What is complete: which contours go with which PET, from content alone (pure)."""
