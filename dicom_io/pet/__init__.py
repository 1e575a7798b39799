"""PET series as volumes: classic, dynamic and enhanced (PS3.3 C.8.9, C.8.22)."""
