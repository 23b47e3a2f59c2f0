"""catalogue.py: the data is good, and cases are found in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakefiles.conformance.catalogue import (
    FOLDER,
    GROUPS,
    cases,
    chosen,
    link_url,
    read_cases,
    rule_name,
    rule_url,
    rules,
)
from fakefiles.conformance.tables import TableError
from fakefiles.conformance.words import explain


def test_cases() -> None:
    """There are well over a hundred, in all groups, each with a rule and with links to clients."""
    assert len(cases()) >= 170
    assert list(dict.fromkeys(case.group for case in cases())) == [*GROUPS]
    assert {path.stem for path in FOLDER.glob("*.toml")} == {*GROUPS, "rules"}
    assert all(case.rfc for case in cases())
    assert all(case.links for case in cases())
    assert all(case.came for case in cases())


def test_sentences() -> None:
    """The two sentences of a case are its own, but for the server of one that is looked at twice."""
    assert len({(case.server, case.mistake) for case in cases()}) == len(cases())
    assert all(len(text) < 160 for case in cases() for text in (case.server, case.mistake))


def test_links() -> None:
    """Links are to issues, and no case has one twice."""
    links = [link for case in cases() for link in case.links]
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", link) for link in links)
    assert len(set(links)) > 300
    assert all(len(set(case.links)) == len(case.links) for case in cases())
    assert link_url("curl/curl#1163") == "https://github.com/curl/curl/issues/1163"


def test_rules() -> None:
    """There are words for each section that a case rests on, and for no other."""
    assert rules().keys() == {section for case in cases() for section in case.rfc}
    assert rule_url("9110 15.3.7") == "https://www.rfc-editor.org/rfc/rfc9110#section-15.3.7"
    assert rule_url("BEP 3 trackers") == "https://www.bittorrent.org/beps/bep_0003.html#trackers"
    assert rule_url("BEP 23") == "https://www.bittorrent.org/beps/bep_0023.html"
    assert [rule_name(section) for section in ("9110 14.4", "BEP 23")] == ["RFC 9110 14.4", "BEP 23"]


@pytest.mark.parametrize(
    ("patterns", "count"),
    [([], len(cases())), (["plain-download"], 1), (["resume-*"], 20), (["silence"], 5), (["silence", "trickle"], 5)],
)
def test_chosen(patterns: list[str], count: int) -> None:
    """A pattern is of slugs, or the name of a group; none means all."""
    assert len(chosen(patterns)) >= count
    if patterns and "*" not in patterns[0]:
        assert len(chosen(patterns)) == count


@pytest.mark.parametrize(
    ("pattern", "error"),
    [("plain-downlaod", "did you mean plain-download"), ("zz*", "--list lists them")],
)
def test_none_chosen(pattern: str, error: str) -> None:
    """A pattern that matches nothing is an error, which says what may be meant."""
    with pytest.raises(TableError, match=error):
        chosen([pattern])


def test_wrong_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong case is told with its file and its slug; so are slugs that two files have."""
    path = tmp_path / "plain.toml"
    good = '[a]\nserver = "Does."\nmistake = "Fails."\ncame = ["sent"]\nrfc = ["9112 8"]\nlinks = ["a/b#1"]\n'
    path.write_text(good.replace("9112 8", "1 1"))
    with pytest.raises(TableError, match=r"plain\.toml: a: rules\.toml has no words for the section 1 1"):
        read_cases(path, "plain")
    path.write_text('[a]\nserver = "does"\nmistake = "Fails."\n')
    with pytest.raises(TableError, match=r"plain\.toml: a: server is a sentence"):
        read_cases(path, "plain")
    path.write_text(good.replace('["sent"]', "[]"))
    with pytest.raises(TableError, match=r"plain\.toml: a: came is missing"):
        read_cases(path, "plain")
    cases.cache_clear()
    monkeypatch.setattr("fakefiles.conformance.catalogue.GROUPS", {"plain": "", "resume": ""})
    monkeypatch.setattr("fakefiles.conformance.catalogue.FOLDER", tmp_path)
    for group in ("plain", "resume"):
        (tmp_path / f"{group}.toml").write_text(good)
    with pytest.raises(TableError, match="slugs are given twice: a"):
        cases()
    cases.cache_clear()


def test_each_is_explained() -> None:
    """Of each case there is an explanation, without a gap."""
    for text in map(explain, cases()):
        assert "None " not in text.replace("None is set", "")
        assert "RFC " in text or "BEP " in text
