"""Who sits at the desk: `signed_in` gives the person, or shows how to sign in and stops the page."""

from desk.signin.gate import session_is_over, sign_out, signed_in, somebody_is_known
from desk.signin.person import Person

__all__ = ["Person", "session_is_over", "sign_out", "signed_in", "somebody_is_known"]
