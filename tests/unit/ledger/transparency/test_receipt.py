"""The public form of a decision: its leaf's bytes are the same for ever, and hold nothing personal."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

from ledger.transparency.merkle import leaf_hash
from ledger.transparency.receipt import PublicReceipt, box_hash, content_hash

RECEIPT = PublicReceipt(
    decision_id="0b0e2bb4-5f3e-5d1c-8f8e-0123456789ab",
    client=bytes(range(16)),
    submitted_ms=1_764_120_000_000,
    decided_ms=1_764_120_000_123,
    outcome="decline",
    raw=-0.1,
    expected_value=1e-7,
    probability=0.30000000000000004,
    points=512,
    reasons=("R07", "R01"),
    model_name="loanstream",
    model_version="3",
    model_digest="d" * 64,
    policy_digest="e" * 64,
    mode="full",
    door="http",
    history=True,
    source="loan-audit/0/17/3",
    content_hash=content_hash(b"s" * 32, b"content"),
    box_hash=box_hash(b"box"),
)


def test_the_leaf_of_today_is_the_leaf_of_every_version() -> None:
    """Written down byte by byte: a change of this text would make every older receipt look altered."""
    assert RECEIPT.leaf().decode() == (
        '{"box_hash":"26f8567f2569182294c3fa5b9f9cb2270b554eef628b4c149cf82a42888ff4ae",'
        '"client":"000102030405060708090a0b0c0d0e0f",'
        '"content_hash":"eab1d4ed2ab782d7a7b4bd4cd9430fa9aaab58ce6933e8a6b30fa1e99e7d2261",'
        '"decided_ms":1764120000123,"decision_id":"0b0e2bb4-5f3e-5d1c-8f8e-0123456789ab","door":"http",'
        '"expected_value":"1e-07","history":true,"mode":"full",'
        f'"model_digest":"{"d" * 64}","model_name":"loanstream","model_version":"3","outcome":"decline","points":512,'
        f'"policy_digest":"{"e" * 64}","probability":"0.30000000000000004","raw":"-0.1","reasons":["R07","R01"],'
        '"receipt_version":1,"source":"loan-audit/0/17/3","submitted_ms":1764120000000}'
    )
    assert RECEIPT.leaf_hash() == leaf_hash(RECEIPT.leaf())


def test_every_field_is_in_the_leaf() -> None:
    """A receipt that differs in any one field has another leaf."""
    changed = {
        bytes: lambda value: value[:-1] + b"\xff",
        str: lambda value: value + "x",
        int: lambda value: value + 1,
        float: lambda value: math.nextafter(value, 9.0),
        bool: lambda value: not value,
        tuple: lambda value: value[:1],
    }
    for field in fields(RECEIPT):
        value = getattr(RECEIPT, field.name)
        other = replace(RECEIPT, **{field.name: changed[type(value)](value)})
        assert other.leaf() != RECEIPT.leaf(), field.name


def test_a_decision_without_reasons_has_a_leaf_too() -> None:
    """An expected value that is not a number is a word in the leaf, which stays valid JSON."""
    leaf = replace(RECEIPT, expected_value=math.nan, reasons=()).leaf()
    assert json.loads(leaf)["expected_value"] == "nan"


def test_the_same_content_under_another_salt_is_another_hash() -> None:
    """Without the salt nobody can tell by trying whose content a receipt commits to."""
    assert content_hash(b"s" * 32, b"content") != content_hash(b"t" * 32, b"content")
