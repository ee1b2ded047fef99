"""What would have changed the outcome: the smallest changes that an applicant can make, decided again before told."""
