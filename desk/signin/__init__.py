"""Who sits at the desk: `signed_in` gives the person, or shows how to sign in and stops the page."""

from desk.signin.person import Person
from desk.signin.seam import sign_out, signed_in

__all__ = ["Person", "sign_out", "signed_in"]
