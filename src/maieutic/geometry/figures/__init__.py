"""A problem or a proof as a drawing: what is shown, where its labels go, SVG and PNG."""
