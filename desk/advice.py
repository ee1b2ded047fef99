"""What an adviser is recommended to do about a decision: rules over its outcome and reasons, in the adviser's words.

It adds nothing to the decision: each step follows from the outcome, a reason's subject, or the search for what would
change it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from desk.words import N_, _


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence, and the steps to take, in their order."""

    recommendation: str
    steps: tuple[str, ...]


# What to look at or to ask for, by the subject of a reason that spoke against the applicant.
_ASK: Final[dict[str, str]] = {
    "R01": N_("Say that external scores weigh most here, and that the agencies must show the applicant their data."),
    "R02": N_("Look at a smaller credit: it is large for the income that was stated."),
    "R03": N_("Look at a longer term: the yearly payments are high for the income."),
    "R04": N_("Compare the credit with the price of what it pays for; an own contribution makes it safer."),
    "R05": N_("Ask for the employment contract, and for earlier employment if it ended recently."),
    "R06": N_("Check that occupation and employer are entered as they are."),
    "R07": N_("Ask for proof of all income: payslips, pensions, rents."),
    "R09": N_("Check the housing situation that was stated."),
    "R10": N_("Complete what is known of the building, where something is missing."),
    "R13": N_("Check the registered, living and work addresses; they do not agree."),
    "R14": N_("Complete the ways to reach the applicant."),
    "R15": N_("Ask for the documents that are missing, and check the identity document."),
    "R16": N_("Ask what the recent enquiries at the credit bureau were for."),
    "R18": N_("Check the number of people in the household."),
    "R19": N_("Ask for the present state of debts at other lenders; the bureau may be behind."),
    "R20": N_("Ask whether the arrears at other lenders are settled, and for proof of it."),
    "R23": N_("Look at why earlier applications were refused."),
    "R26": N_("Look at the earlier consumer credits with us before talking about them."),
    "R27": N_("Talk about the use of the credit card: a lower balance helps."),
    "R28": N_("Talk about the payments of the credit card."),
    "R29": N_("Look at the late instalments with us before talking about them."),
    "R30": N_("Look at the instalments that were paid in part."),
}


def advice_on(
    outcome: str, reason_codes: Sequence[str], *, stored: bool = True, plan_found: bool | None = None
) -> Advice:
    """Return what to do about an outcome.

    stored: whether it was decided for good (a simulation promises nothing). plan_found: whether the search found what
    would bring an approval; None where nobody searched.
    """
    if not stored:
        return Advice(
            _("Nothing was decided: use this for the conversation, and promise nothing by it."),
            (_("Decide the application when the applicant agrees to it as it stands."),),
        )
    return Advice(_(_RECOMMENDED[outcome]), tuple(_steps(outcome, reason_codes, plan_found)))


_RECOMMENDED: Final[dict[str, str]] = {
    "approve": N_("Grant the credit on the terms that were asked for."),
    "refer": N_("Promise nothing yet: a colleague decides after reading the file."),
    "decline": N_("Do not grant the credit as asked for; explain why, and what would change it."),
}


def _steps(outcome: str, reason_codes: Sequence[str], plan_found: bool | None) -> Iterator[str]:
    if outcome == "approve":
        yield _("Check the identity of the applicant and the papers of the file.")
        yield _("Go through the terms and the yearly payments together.")
        yield _("Hand over the letter and file the signed contract.")
        return
    asked = [_ASK[code] for code in reason_codes if code in _ASK][:3]
    if outcome == "refer":
        yield _("Tell the applicant that a person decides, and within which time.")
        yield from (_(text) for text in asked)
        yield _("Attach what was shown to the review, so that whoever decides has it.")
        return
    yield _("Explain the reasons in your own words; they are all that counted.")
    yield from (_(text) for text in asked)
    if plan_found:
        yield _("Offer the change that would help: it was decided again, and approved.")
    elif plan_found is False:
        yield _("Say plainly that no change within reach brings an approval today.")
    yield _("Hand over the letter, and say that the decision can be contested and how.")
