"""verdicts.py: the words of which results are made."""

from __future__ import annotations

from fakefiles.conformance.verdicts import Kind, Status, Verdict


def test_kinds() -> None:
    """Three verdicts are about safety, three are only measured."""
    of_kind = {kind: [verdict.name for verdict in Verdict if verdict.kind is kind] for kind in Kind}
    assert of_kind[Kind.SAFETY] == ["CORRUPT", "LOST", "NAME"]
    assert of_kind[Kind.SERVICE] == ["STUCK", "HANG", "LOOP", "REFUSE"]
    assert of_kind[Kind.MEASURED] == ["WASTE", "MEM", "MANNERS"]


def test_all_are_told_apart() -> None:
    """Members with equal values would be one: all have words of their own."""
    assert len({verdict.means for verdict in Verdict}) == 10
    assert len({status.word for status in Status}) == 6
    assert all(text.endswith(".") for text in (*(each.means for each in Verdict), *(each.means for each in Status)))
