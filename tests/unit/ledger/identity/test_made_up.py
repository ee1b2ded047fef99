"""Made-up identities."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

from ledger.identity.made_up import made_up_identity


def test_the_same_client_always_has_the_same_face_and_others_have_others() -> None:
    """Drawn from the number, so that nothing is stored."""
    assert made_up_identity(100_001) == made_up_identity(100_001)
    drawn = {made_up_identity(number) for number in range(100_000, 100_200)}
    assert len(drawn) > 190


def test_a_face_is_a_drawing_without_script_that_does_not_tell_the_number() -> None:
    """Well-formed SVG of shapes alone."""
    name, photo = made_up_identity(100_001)
    head, _, body = photo.partition(",")
    drawn = base64.b64decode(body).decode()
    assert head == "data:image/svg+xml;base64"
    assert {e.tag.rpartition("}")[2] for e in ElementTree.fromstring(drawn).iter()} <= {
        "svg", "rect", "path", "ellipse", "circle", "g",
    }  # fmt: skip
    assert "100001" not in drawn + name
