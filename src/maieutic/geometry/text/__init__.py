"""Problems and proposals as text for models."""
