"""What can go wrong with a model; nothing else of this package raises an error of its own."""


class UnsupportedModel(ValueError):
    """The model has no exact explanation here, or its text is damaged: train or save it as the message says."""
