"""What was recorded around an acquisition (PS3.16 TID 8101)."""
