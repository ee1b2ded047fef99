"""The topics that an applicant recognises: several features of one subject make one reason.

Codes are stable for ever: a subject that falls out of use keeps its code, a new one takes the next free one.
"""

from __future__ import annotations

from credit.features.catalog import Subject

SUBJECTS: dict[str, Subject] = {
    subject.code: subject
    for subject in (
        Subject(
            "R01",
            "External credit scores",
            "Your credit scores from external agencies are low or missing.",
            "Your credit scores from external agencies are good.",
        ),
        Subject(
            "R02",
            "Size of the credit against income",
            "The credit you ask for is large for your income.",
            "The credit you ask for is moderate for your income.",
        ),
        Subject(
            "R03",
            "Annuity against income",
            "The yearly payments are high for your income.",
            "The payments are affordable on your income.",
        ),
        Subject(
            "R04",
            "Terms of the credit",
            "The size, term and interest of the credit, against the price of what it pays for, make it riskier.",
            "The size, term and interest of the credit fit the price of what it pays for.",
        ),
        Subject(
            "R05",
            "Length of employment",
            "You have been with your employer for a short time.",
            "You have been with your employer for a long time.",
        ),
        Subject(
            "R06",
            "Occupation and employer",
            "Repayment is less certain in your occupation or branch of work.",
            "Your occupation and branch of work speak for steady repayment.",
        ),
        Subject(
            "R07",
            "Income",
            "The amount or kind of your income is not sufficient.",
            "The amount and kind of your income are sufficient.",
        ),
        Subject(
            "R08",
            "Education",
            "Repayment is less certain at the level of education you stated.",
            "The level of education you stated speaks for steady repayment.",
        ),
        Subject(
            "R09",
            "Housing",
            "Your housing situation, such as renting or living with others, makes the credit riskier.",
            "Your housing situation is stable.",
        ),
        Subject(
            "R10",
            "The building you live in",
            "What is known of the building you live in is unfavourable or missing.",
            "What is known of the building you live in is favourable.",
        ),
        Subject(
            "R11",
            "Car",
            "You own no car, or an old one.",
            "You own a car that can serve as security.",
        ),
        Subject(
            "R12",
            "Region of residence",
            "Repayment is less certain in the region of your residence.",
            "The region of your residence speaks for steady repayment.",
        ),
        Subject(
            "R13",
            "Addresses",
            "Your registered, living and work addresses do not agree.",
            "Your registered, living and work addresses agree.",
        ),
        Subject(
            "R14",
            "Contact data",
            "Your phone number changed recently, or ways to reach you are missing.",
            "You can be reached well, and your phone number has not changed for long.",
        ),
        Subject(
            "R15",
            "Identity papers and registration",
            "Your identity document or registration is recent, or expected documents are missing.",
            "Your identity document and registration are of long standing.",
        ),
        Subject(
            "R16",
            "Enquiries at the credit bureau",
            "There were many recent enquiries about you at the credit bureau, or it could not be asked.",
            "There were few recent enquiries about you at the credit bureau.",
        ),
        Subject(
            "R17",
            "Defaults among people around you",
            "People in your social surroundings were late with their payments.",
            "People in your social surroundings pay on time.",
        ),
        Subject(
            "R18",
            "People in the household",
            "Your income has to provide for many people.",
            "Your income has to provide for few people.",
        ),
        Subject(
            "R19",
            "Debt with other lenders",
            "Your debt with other lenders is high.",
            "Your debt with other lenders is low.",
        ),
        Subject(
            "R20",
            "Overdue loans with other lenders",
            "You are or were late with loans of other lenders.",
            "You paid loans of other lenders on time.",
        ),
        Subject(
            "R21",
            "Recent loans with other lenders",
            "You took several loans from other lenders, or took them recently.",
            "You took few loans from other lenders of late.",
        ),
        Subject(
            "R22",
            "Length of credit history",
            "Your credit history with other lenders is short.",
            "Your credit history with other lenders is long.",
        ),
        Subject(
            "R23",
            "Refused applications",
            "Earlier applications of yours were refused or cancelled.",
            "Your earlier applications were approved.",
        ),
        Subject(
            "R24",
            "Terms of earlier credits with us",
            "The amounts or terms of your earlier applications with us make the credit riskier.",
            "The amounts and terms of your earlier credits with us speak for you.",
        ),
        Subject(
            "R25",
            "Time and number of earlier applications",
            "You applied often, or only recently, with us before.",
            "You have been our client for long and apply rarely.",
        ),
        Subject(
            "R26",
            "Point-of-sale and cash loans with us",
            "You were late with, or still owe much of, earlier loans with us.",
            "You repaid earlier loans with us as agreed.",
        ),
        Subject(
            "R27",
            "Use of credit cards",
            "You use much of your credit card's limit, or draw much cash with it.",
            "You use little of your credit card's limit.",
        ),
        Subject(
            "R28",
            "Payment of credit cards",
            "You were late with, or paid little of, your credit card's balance.",
            "You pay your credit card's balance as agreed.",
        ),
        Subject(
            "R29",
            "Late instalments",
            "You paid instalments of earlier credits late.",
            "You paid instalments of earlier credits on time or ahead of it.",
        ),
        Subject(
            "R30",
            "Instalments paid in part",
            "You paid less than was due on instalments of earlier credits.",
            "You paid what was due on instalments of earlier credits.",
        ),
        Subject(
            "R31",
            "Kind and time of the application",
            "The kind or time of the application makes the credit riskier.",
            "The kind and time of the application speak for you.",
        ),
        Subject(
            "R90",
            "Gender",
            "Not used as a reason.",
            "Not used as a reason.",
            protected=True,
        ),
        Subject(
            "R91",
            "Age",
            "Not used as a reason.",
            "Not used as a reason.",
            protected=True,
        ),
        Subject(
            "R92",
            "Family status",
            "Not used as a reason.",
            "Not used as a reason.",
            protected=True,
        ),
    )
}
