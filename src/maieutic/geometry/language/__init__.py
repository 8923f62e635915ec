"""Problems as texts, and the package's own ones."""
