"""The front door: what `import maieutic` offers, over the functions that the commands call too."""
