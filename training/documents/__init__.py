"""What people read: the model card, the training report, the list of features."""
