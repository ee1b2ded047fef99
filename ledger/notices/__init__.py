"""The applicant's letter about a decision, as HTML and PDF, in English and French, by files that a bank can replace."""
