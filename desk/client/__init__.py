"""The HTTP API as the desk sees it: typed answers, and errors that say what a person can do."""
