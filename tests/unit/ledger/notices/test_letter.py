"""What a letter says of a decision, and what it never says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from credit.features import CATALOG
from ledger.notices.files import NoticeFiles
from ledger.notices.letter import ApplicantLetter, write_letter
from ledger.notices.words import NoticeWords
from tests.fixtures.notices import BANK, facts


def written(language: str = "en", **changes: Any) -> ApplicantLetter:
    return write_letter(facts(**changes), NoticeWords(language, NoticeFiles(), BANK), BANK)


def test_a_decline_names_its_reasons_the_change_the_data_and_the_rights() -> None:
    """Adverse action: reasons in order, the checked change, sources and figures, days and place to contest."""
    letter = written()
    reasons, changes = letter.parts
    assert letter.kind == "adverse"
    assert reasons.items == tuple(CATALOG.subjects[code].adverse for code in ("R01", "R04", "R20", "R05"))
    assert "€1,040,000 instead of €1,293,502" in changes.items[0]
    assert "€25,830" in changes.items[1]
    assert "decided the changed application again" in changes.after[0]
    assert [source for source, _ in letter.data] == [
        "Your application",
        "Credit bureaus and other agencies",
        "Our records of earlier applications and credits",
    ]
    assert letter.figures == (("Credit asked for", "€1,293,502"), ("Yearly income", "€270,000"))
    assert "21 days" in letter.rights.before[0]
    assert "contest@lakeside.example" in letter.rights.before[0]
    assert "Supervisory Authority" in letter.rights.before[-1]
    assert "automated means" in letter.opening[-1]


def test_none_within_reach_is_said_and_what_was_not_searched_is_not() -> None:
    """The letter claims no search that nobody made."""
    assert "We found none" in written(change=None).parts[1].before[0]
    assert len(written(searched=False, change=None).parts) == 1


def test_approvals_and_referrals_are_general_notices() -> None:
    """An approval says what spoke for it; a referral says that a person decides, and is no adverse action."""
    approved, referred = written(outcome="approve", reasons=("R05",)), written(outcome="refer")
    assert approved.kind == referred.kind == "general"
    assert approved.parts[0].items == (CATALOG.subjects["R05"].favourable,)
    assert referred.parts[0].items[0] == CATALOG.subjects["R01"].adverse
    assert len(approved.parts) == len(referred.parts) == 1
    assert "not decided by automated means" in referred.opening[0]


def test_a_persons_decision_is_not_called_automated() -> None:
    """Who decided is said as it was; without reasons the letter says how to ask for them."""
    letter = written(by_person=True, reasons=())
    assert "one of our advisers" in letter.opening[-1]
    assert "ask for the principal reasons within 21 days" in letter.parts[0].before[0]


def test_without_history_nothing_is_said_to_come_from_it() -> None:
    """Sources that held nothing of the client are not listed as used."""
    listed = dict(written(history=False).data)
    assert "Late instalments" not in str(listed)
    assert "Debt with other lenders" not in listed["Credit bureaus and other agencies"]
    assert "Nothing was known" in listed["Our records of earlier applications and credits"]


def test_a_client_without_a_name_is_greeted_without_one() -> None:
    """Nothing is made up for what is not on file."""
    letter = written(applicant=())
    assert letter.salutation == "Dear Sir or Madam,"
    assert letter.recipient == ()


def test_five_reasons_are_a_callers_mistake() -> None:
    """At most four principal reasons are told."""
    with pytest.raises(ValidationError):
        facts(reasons=("R01", "R02", "R03", "R04", "R05"))


@given(
    st.sampled_from(["en", "fr"]),
    st.permutations(list(CATALOG.subjects)),
    st.sampled_from(["decline", "refer", "approve"]),
)
def test_nothing_protected_is_ever_a_reason(language: str, codes: list[str], outcome: str) -> None:
    """Whatever codes come: no reason of a protected subject, none of its words, never more than four."""
    letter = written(language, reasons=tuple(codes[:4]), outcome=outcome)
    protected = [code for code in codes[:4] if CATALOG.subjects[code].protected]
    assert len(letter.parts[0].items) == 4 - len(protected)
    words = NoticeWords(language, NoticeFiles(), BANK)
    for code in ("R90", "R91", "R92"):
        subject = words.subject(code)
        assert subject is not None
        assert subject.adverse not in letter.parts[0].items
    told = [text for part in letter.parts for text in (*part.before, *part.items, *part.after)]
    assert not any("{" in text for text in told)
