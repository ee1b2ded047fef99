"""Texts that the API gives in English and the catalogs translate: subjects of reasons and the reasons of reviewers.

`_(reason.text)` finds a translation because the text stands here; one that the API has and this file has not is
shown in English.
"""

from __future__ import annotations

from typing import Final

from desk.words.texts import N_

SUBJECT_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "R01": (
        N_("External credit scores"),
        N_("Your credit scores from external agencies are low or missing."),
        N_("Your credit scores from external agencies are good."),
    ),
    "R02": (
        N_("Size of the credit against income"),
        N_("The credit you ask for is large for your income."),
        N_("The credit you ask for is moderate for your income."),
    ),
    "R03": (
        N_("Annuity against income"),
        N_("The yearly payments are high for your income."),
        N_("The payments are affordable on your income."),
    ),
    "R04": (
        N_("Terms of the credit"),
        N_("The size, term and interest of the credit, against the price of what it pays for, make it riskier."),
        N_("The size, term and interest of the credit fit the price of what it pays for."),
    ),
    "R05": (
        N_("Length of employment"),
        N_("You have been with your employer for a short time."),
        N_("You have been with your employer for a long time."),
    ),
    "R06": (
        N_("Occupation and employer"),
        N_("Repayment is less certain in your occupation or branch of work."),
        N_("Your occupation and branch of work speak for steady repayment."),
    ),
    "R07": (
        N_("Income"),
        N_("The amount or kind of your income is not sufficient."),
        N_("The amount and kind of your income are sufficient."),
    ),
    "R08": (
        N_("Education"),
        N_("Repayment is less certain at the level of education you stated."),
        N_("The level of education you stated speaks for steady repayment."),
    ),
    "R09": (
        N_("Housing"),
        N_("Your housing situation, such as renting or living with others, makes the credit riskier."),
        N_("Your housing situation is stable."),
    ),
    "R10": (
        N_("The building you live in"),
        N_("What is known of the building you live in is unfavourable or missing."),
        N_("What is known of the building you live in is favourable."),
    ),
    "R11": (N_("Car"), N_("You own no car, or an old one."), N_("You own a car that can serve as security.")),
    "R12": (
        N_("Region of residence"),
        N_("Repayment is less certain in the region of your residence."),
        N_("The region of your residence speaks for steady repayment."),
    ),
    "R13": (
        N_("Addresses"),
        N_("Your registered, living and work addresses do not agree."),
        N_("Your registered, living and work addresses agree."),
    ),
    "R14": (
        N_("Contact data"),
        N_("Your phone number changed recently, or ways to reach you are missing."),
        N_("You can be reached well, and your phone number has not changed for long."),
    ),
    "R15": (
        N_("Identity papers and registration"),
        N_("Your identity document or registration is recent, or expected documents are missing."),
        N_("Your identity document and registration are of long standing."),
    ),
    "R16": (
        N_("Enquiries at the credit bureau"),
        N_("There were many recent enquiries about you at the credit bureau, or it could not be asked."),
        N_("There were few recent enquiries about you at the credit bureau."),
    ),
    "R17": (
        N_("Defaults among people around you"),
        N_("People in your social surroundings were late with their payments."),
        N_("People in your social surroundings pay on time."),
    ),
    "R18": (
        N_("People in the household"),
        N_("Your income has to provide for many people."),
        N_("Your income has to provide for few people."),
    ),
    "R19": (
        N_("Debt with other lenders"),
        N_("Your debt with other lenders is high."),
        N_("Your debt with other lenders is low."),
    ),
    "R20": (
        N_("Overdue loans with other lenders"),
        N_("You are or were late with loans of other lenders."),
        N_("You paid loans of other lenders on time."),
    ),
    "R21": (
        N_("Recent loans with other lenders"),
        N_("You took several loans from other lenders, or took them recently."),
        N_("You took few loans from other lenders of late."),
    ),
    "R22": (
        N_("Length of credit history"),
        N_("Your credit history with other lenders is short."),
        N_("Your credit history with other lenders is long."),
    ),
    "R23": (
        N_("Refused applications"),
        N_("Earlier applications of yours were refused or cancelled."),
        N_("Your earlier applications were approved."),
    ),
    "R24": (
        N_("Terms of earlier credits with us"),
        N_("The amounts or terms of your earlier applications with us make the credit riskier."),
        N_("The amounts and terms of your earlier credits with us speak for you."),
    ),
    "R25": (
        N_("Time and number of earlier applications"),
        N_("You applied often, or only recently, with us before."),
        N_("You have been our client for long and apply rarely."),
    ),
    "R26": (
        N_("Point-of-sale and cash loans with us"),
        N_("You were late with, or still owe much of, earlier loans with us."),
        N_("You repaid earlier loans with us as agreed."),
    ),
    "R27": (
        N_("Use of credit cards"),
        N_("You use much of your credit card's limit, or draw much cash with it."),
        N_("You use little of your credit card's limit."),
    ),
    "R28": (
        N_("Payment of credit cards"),
        N_("You were late with, or paid little of, your credit card's balance."),
        N_("You pay your credit card's balance as agreed."),
    ),
    "R29": (
        N_("Late instalments"),
        N_("You paid instalments of earlier credits late."),
        N_("You paid instalments of earlier credits on time or ahead of it."),
    ),
    "R30": (
        N_("Instalments paid in part"),
        N_("You paid less than was due on instalments of earlier credits."),
        N_("You paid what was due on instalments of earlier credits."),
    ),
    "R31": (
        N_("Kind and time of the application"),
        N_("The kind or time of the application makes the credit riskier."),
        N_("The kind and time of the application speak for you."),
    ),
    "R90": (N_("Gender"),),
    "R91": (N_("Age"),),
    "R92": (N_("Family status"),),
}

REVIEW_REASON_TEXTS: Final = (
    N_("The file was read again, and the reasons hold."),
    N_("What the applicant says is not supported by documents."),
    N_("New facts do not offset the reasons of the decision."),
    N_("A value in the application or the history was wrong."),
    N_("Documents show income, employment or assets anew."),
    N_("Circumstances that no feature holds speak the other way."),
    N_("An exception that the bank's policy provides for."),
    N_("Adverse information that the model did not have."),
    N_("The model misjudges this kind of case; feedback was given."),
)
