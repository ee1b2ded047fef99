"""`python -m loanstream`, for where the script is not on PATH."""

from loanstream.cli import app

if __name__ == "__main__":
    app()
