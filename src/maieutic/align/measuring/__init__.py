"""Win rates, agreement, bias, and their intervals."""
