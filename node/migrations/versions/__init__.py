"""One module per change, named by its number; a released one is never edited."""
