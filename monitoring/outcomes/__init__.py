"""Whether the model was right: late outcomes joined to decisions, estimates without them, a challenger beside it."""
