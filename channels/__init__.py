"""How messages come and go: one folder a channel, one seam in (receive.py), one seam out (deliver.py)."""
