"""Pages and formats: what was proved, as something to read and to look at."""
