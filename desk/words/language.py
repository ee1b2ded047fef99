"""Which language is spoken now: each session has its own."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final, Literal, cast, get_args

Language = Literal["en", "fr"]
LANGUAGES: Final[dict[Language, str]] = {"en": "English", "fr": "Français"}
SESSION_KEY: Final = "desk.language"
_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)


def speak(language: Language) -> None:
    """Speak a language from now on, in this thread and, inside a page, in this session."""
    _spoken.set(language)
    state = _session()
    if state is not None:
        state[SESSION_KEY] = language


def current_language() -> Language:
    """Return the language spoken now; English where nobody has chosen."""
    state = _session()
    if state is not None and SESSION_KEY in state:  # callbacks and fragments run in threads of their own
        return cast(Language, state[SESSION_KEY])
    return _spoken.get() or "en"


def language_of(wanted: str | None, fallback: Language) -> Language:
    """Return the language that a browser or cookie names, such as fr-CA; the fallback where we do not speak it."""
    word = (wanted or "").replace("_", "-").split("-", 1)[0].lower()
    return cast(Language, word) if word in get_args(Language) else fallback


def _session() -> dict[str, object] | None:
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    import streamlit

    return cast("dict[str, object]", streamlit.session_state)
