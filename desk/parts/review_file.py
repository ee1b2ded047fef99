"""One review: what was decided and why, what was said, and what the person may do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from desk.client.decisions import DecisionClient
from desk.client.errors import ApiFault
from desk.client.reviews import DeskReviewAttachment, DeskReviewFile, ReviewClient, ReviewStep, VerdictName
from desk.parts.card import card, done, facts
from desk.parts.decision_view import draw_outcome, draw_reasons
from desk.parts.drafts import draft_area, sent
from desk.parts.errors import show_fault
from desk.parts.html import escape
from desk.parts.outcome import outcome_word
from desk.parts.queue import CAUSES, STATES
from desk.parts.receipt import draw_receipt
from desk.parts.remembered import forget, remembered
from desk.parts.subject import DeskSubject, choose
from desk.session import DeskSession
from desk.shown import of_receipt
from desk.words import N_, _, amount, file_size, moment

_ACTS: Final[dict[str, str]] = {
    "contest": N_("contested by the applicant"),
    "take": N_("taken"),
    "release": N_("put back"),
    "assign": N_("given to somebody"),
    "comment": N_("comment"),
    "attach": N_("file attached"),
    "decide": N_("verdict given"),
    "confirm": N_("confirmed"),
    "send back": N_("sent back"),
}
_MOST_MB: Final = 5


def draw_review(desk: DeskSession, review_id: str) -> None:
    """Draw a review whole."""
    review = remembered(f"review-{review_id}", lambda: ReviewClient(desk.api).review(review_id), 15)
    receipt = remembered(f"receipt-{review.decision_id}", lambda: DecisionClient(desk.api).receipt(review.decision_id))
    shown = of_receipt(receipt)
    draw_outcome(shown)
    with card("review", _("Review"), _(CAUSES.get(review.cause, review.cause))):
        st.html(facts(_facts(review)))
        if review.sk_id_curr is not None:
            st.button(
                _("Open the client's page"),
                icon=":material/person_search:",
                key="review-client",
                on_click=choose,
                args=(DeskSubject(review.sk_id_curr, review.decision_id),),
                help=_("Choose the client here, then go to the page Client."),
            )
    _draw_work(desk, review)
    draw_reasons(desk, shown)
    _draw_events(desk, review)
    draw_receipt(desk, shown)


def _facts(review: DeskReviewFile) -> list[tuple[str, str]]:
    told = [
        (_("State"), _(STATES[review.state])),
        (_("Client"), str(review.sk_id_curr) if review.sk_id_curr is not None else _("erased")),
        (_("Credit asked for"), amount(review.amount)),
        (_("Opened"), moment(review.opened_at)),
        (_("Due"), moment(review.due_at)),
        (_("With"), review.assignee or _("nobody")),
    ]
    if review.proposed_by:
        told.append((_("Proposed by"), review.proposed_by))
    if review.final_outcome:
        told.append((_("Final outcome"), outcome_word(review.final_outcome)))
    return told


def _draw_work(desk: DeskSession, review: DeskReviewFile) -> None:
    me = desk.person.id
    with card("work", _("What you can do")):
        if review.state == "closed":
            st.write(_("This review is closed by {name}.").format(name=review.closed_by or _("nobody")))
        elif review.state == "open":
            st.write(_("Nobody has it. Take it, and it is yours until you decide it or put it back."))
            _act(
                _("Take it"),
                "take",
                lambda: ReviewClient(desk.api).act(review.review_id, "take"),
                review,
                _("It is yours."),
            )
        elif review.state == "proposed":
            _draw_second_pair_of_eyes(desk, review, me)
        elif review.assignee != me:
            st.info(_("{name} has it.").format(name=review.assignee or _("nobody")), icon=":material/person:")
        else:
            _draw_verdict(desk, review)
            _act(
                _("Put it back"), "release", lambda: ReviewClient(desk.api).act(review.review_id, "release"), review,
                _("It is back in the queue."), primary=False,
            )  # fmt: skip
        if review.state != "closed":
            _draw_saying(desk, review)


def _draw_verdict(desk: DeskSession, review: DeskReviewFile) -> None:
    limit = desk.person.review_limit
    if limit is not None and (review.amount is None or review.amount > limit):
        st.warning(
            _("Above your limit of {limit}: somebody with a higher limit decides.").format(limit=amount(limit)),
            icon=":material/block:",
        )
    client = ReviewClient(desk.api)
    words: dict[str, str] = {
        "uphold": _("Uphold → {outcome}").format(outcome=outcome_word(review.if_upheld)),
        "overturn": _("Overturn → {outcome}").format(outcome=outcome_word(review.if_overturned)),
    }
    verdict: VerdictName | None = st.radio(
        _("Verdict"), ("uphold", "overturn"), None, format_func=lambda one: words[one], horizontal=True,
        key=f"verdict-{review.review_id}",
    )  # fmt: skip
    reasons = {one.code: one for one in remembered("review-reasons", client.reasons, 600)}
    fitting = [code for code, one in reasons.items() if one.verdict == verdict]
    reason = st.selectbox(
        _("Reason"), fitting, None, format_func=lambda code: _(reasons[code].text), placeholder=_("choose one"),
        key=f"reason-{review.review_id}-{verdict}", disabled=verdict is None,
    )  # fmt: skip
    name = f"verdict-text-{review.review_id}"
    text = draft_area(_("What else there is to say"), name, height=90)
    if st.button(_("Decide"), type="primary", icon=":material/gavel:", key="review-decide"):
        if verdict is None or reason is None:
            st.warning(_("Choose a verdict and its reason first."), icon=":material/warning:")
        elif sent(name, lambda: client.decide(review.review_id, verdict, reason, text.strip())):
            _changed(review, _("Decided. A large amount now waits for a second person."))


def _draw_second_pair_of_eyes(desk: DeskSession, review: DeskReviewFile, me: str) -> None:
    proposed = _("{name} proposes: {outcome}.").format(
        name=review.proposed_by or "–", outcome=outcome_word(_proposed_outcome(review))
    )
    st.write(proposed)
    if review.proposed_by == me:
        st.info(_("Four eyes: a second person has to confirm what you proposed."), icon=":material/group:")
        return
    client, name = ReviewClient(desk.api), f"second-{review.review_id}"
    text = draft_area(_("Your words, if you send it back"), name, height=90)
    with st.container(horizontal=True):
        if st.button(_("Confirm"), type="primary", icon=":material/done_all:", key="review-confirm") and sent(
            name, lambda: client.answer(review.review_id, "confirm", text.strip())
        ):
            _changed(review, _("Confirmed: the review is closed."))
        if st.button(_("Send it back"), icon=":material/undo:", key="review-send-back") and sent(
            name, lambda: client.answer(review.review_id, "send-back", text.strip())
        ):
            _changed(review, _("Sent back to who proposed it."))


def _draw_saying(desk: DeskSession, review: DeskReviewFile) -> None:
    client, name = ReviewClient(desk.api), f"comment-{review.review_id}"
    # Known to the session, so that it stays open where what stands above it changes, as it does after each act.
    key, icon = f"saying-{review.review_id}", ":material/add_comment:"
    with st.expander(_("Comment or attach a file"), icon=icon, key=key, on_change="rerun"):
        text = draft_area(_("Comment"), name, height=90)
        if st.button(_("Add the comment"), key="review-comment", icon=":material/send:"):
            if not text.strip():
                st.warning(_("A comment needs a text."), icon=":material/warning:")
            elif sent(name, lambda: client.comment(review.review_id, text.strip())):
                _changed(review, _("The comment stands on the review."))
        file = st.file_uploader(_("File"), key=f"file-{review.review_id}", max_upload_size=_MOST_MB)
        if file is not None and st.button(_("Attach {name}").format(name=file.name), key="review-attach"):
            kind, content = file.type or "application/octet-stream", file.getvalue()
            if sent(f"attach-{review.review_id}", lambda: client.attach(review.review_id, file.name, kind, content)):
                _changed(review, _("The file is attached."))


def _draw_events(desk: DeskSession, review: DeskReviewFile) -> None:
    with card("events", _("What was said and done")):
        st.html(f'<ol class="timeline">{"".join(map(_event, review.events))}</ol>')
        for file in review.files:
            _draw_file(desk, review, file)


def _event(step: ReviewStep) -> str:
    what = _(_ACTS[step.kind]) if step.kind in _ACTS else step.kind
    text = f"<p>{escape(step.text)}</p>" if step.text else ""
    return f"<li><span>{escape(moment(step.at))} · {escape(step.by)}</span> <strong>{escape(what)}</strong>{text}</li>"


def _draw_file(desk: DeskSession, review: DeskReviewFile, file: DeskReviewAttachment) -> None:
    name = file.name or file.file_id
    st.download_button(
        f"{name} ({file_size(file.size)})",
        lambda: ReviewClient(desk.api).file(review.review_id, file.file_id),
        name,
        icon=":material/attach_file:",
        key=f"file-{file.file_id}",
        on_click="ignore",
    )


def _act(
    label: str, key: str, act: Callable[[], object], review: DeskReviewFile, said: str, *, primary: bool = True
) -> None:
    icon = ":material/pan_tool_alt:" if primary else ":material/undo:"
    if not st.button(label, type="primary" if primary else "secondary", icon=icon, key=f"review-{key}"):
        return
    try:
        act()
    except ApiFault as fault:
        forget(f"review-{review.review_id}")
        show_fault(fault, place="act")
        return
    _changed(review, said)


def _changed(review: DeskReviewFile, said: str) -> None:
    forget("review-", f"receipt-{review.decision_id}")
    done(said)
    st.rerun()


def _proposed_outcome(review: DeskReviewFile) -> str:
    return review.if_overturned if review.verdict == "overturn" else review.if_upheld
