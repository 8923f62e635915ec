"""What every room stands on: errors, parallel work, progress. No NumPy, no torch."""
