"""The results as a picture: SVG of bars, on a card of its own, so that it is legible on any page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from benchmarks.report import number
from benchmarks.rounds import OURS, Result

_STYLE = """\
.card { fill: #ffffff; stroke: #d0d7de } text { fill: #1f2328; font: 13px system-ui, sans-serif }
.head { font-weight: 600 } .value { font-variant-numeric: tabular-nums } .bar { fill: #9aa4b0 } .ours { fill: #1a7f37 }
@media (prefers-color-scheme: dark) {
  .card { fill: #0d1117; stroke: #30363d } text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #2ea043 }
}"""

_WIDTH, _MARGIN, _LINE, _BAR = 720, 20, 22, 14
_LABELS, _VALUES = 140, 80  # room left and right of the bars


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart: a quantity of a measure."""

    title: str
    measure: str
    quantity: str


PANELS = (
    Panel("Processor time to serve a file of ones: seconds per GiB, less is better", "ones-1", "CPU-s/GiB"),
    Panel("Download over one connection: GiB/s, more is better", "ones-1", "GiB/s"),
    Panel("Download over TLS, one connection: GiB/s, more is better", "tls-1", "GiB/s"),
    Panel("Files of one byte, 32 connections: requests per second, more is better", "answers-32", "requests/s"),
)


def picture(results: Mapping[str, Result]) -> str:
    """Return the SVG of those panels that were measured."""
    parts: list[str] = []
    top = _MARGIN
    for panel in PANELS:
        if bars := _medians(results.get(panel.measure), panel.quantity):
            parts += _panel(panel.title, bars, top)
            top += _LINE * (len(bars) + 2)
    size = f'viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}"'
    label = 'role="img" aria-label="fakefiles and other servers compared"'
    frame = f'<rect class="card" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{top - 1}" rx="8"/>'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {label}>',
        f"<style>{_STYLE}</style>",
        frame,
        *parts,
        "</svg>\n",
    ]
    return "\n".join(lines)


def _medians(result: Result | None, quantity: str) -> dict[str, float]:
    if result is None:
        return {}
    return {peer: spread.median for peer in result.rounds if (spread := result.spread(peer, quantity))}


def _panel(title: str, bars: Mapping[str, float], top: int) -> list[str]:
    parts = [_text("head", _MARGIN, top + _BAR, title)]
    longest = max(bars.values())
    room = _WIDTH - 2 * _MARGIN - _LABELS - _VALUES
    for row, (peer, value) in enumerate(bars.items(), 1):
        y = top + _LINE * row + 4
        length = max(1, round(room * value / longest))
        kind = "bar ours" if peer == OURS else "bar"
        parts += [
            _text("name", _MARGIN, y + _BAR - 3, peer),
            f'<rect class="{kind}" x="{_MARGIN + _LABELS}" y="{y}" width="{length}" height="{_BAR}" rx="2"/>',
            _text("value", _MARGIN + _LABELS + length + 8, y + _BAR - 3, number(value)),
        ]
    return parts


def _text(kind: str, x: int, y: int, text: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>'
