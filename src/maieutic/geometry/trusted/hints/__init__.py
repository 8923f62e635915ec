"""What the trusted files ask and do not believe: where points may be, in which order, in which words."""
