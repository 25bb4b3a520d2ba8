"""A run as a picture: for every measure the contenders' ratios to kernel overlayfs, on a log scale."""

import math
from xml.sax.saxutils import escape

from .contenders import PROJECT, REFERENCE

_LEFT, _RIGHT, _ROW, _PLOT = 250, 30, 20, 560
# Colours that are told apart on white and on black; the project's is the strongest, and its mark filled.
_COLOURS = ("#8a8f98", "#d1495b", "#e08e0b", "#2a9d8f", "#7b61c9", "#a0703c", "#5a9bd4", "#4f7f3f")
_STYLE = """
  .text { font: 12px system-ui, sans-serif; fill: #24292f }
  .group { font-weight: bold }
  .small { font-size: 11px; fill: #57606a }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .one { stroke: #57606a; stroke-width: 1.5 }
  .back { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    .text { fill: #e6edf3 } .small { fill: #9da7b3 } .grid { stroke: #30363d }
    .one { stroke: #9da7b3 } .back { fill: #0d1117 }
  }
"""


def picture(run):
    shown = [contender for contender in run.contenders if contender["name"] != REFERENCE]
    rows = _rows(run, shown)
    ratios = [ratio for _, points in rows for ratio in points.values()] or [1]
    low = 2.0 ** math.floor(math.log2(min([*ratios, 0.5])))
    high = 2.0 ** math.ceil(math.log2(max([*ratios, 2])))
    legend_height = 24 * math.ceil(len(shown) / 4)
    top = 44 + legend_height
    bottom = top + _ROW * len(rows)
    width, height = _LEFT + _PLOT + _RIGHT, bottom + 40

    def x(ratio):
        return _LEFT + _PLOT * math.log2(ratio / low) / math.log2(high / low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
           f'height="{height}" role="img" aria-label="Times in units of kernel overlayfs&apos;s">',
           f"<style>{_STYLE}</style>", f'<rect class="back" width="{width}" height="{height}"/>',
           _text(12, 22, "Time in units of kernel overlayfs's (log scale; left is faster)", "text group")]
    out += _legend(shown)
    tick = low
    while tick <= high:
        out.append(f'<line class="{"one" if tick == 1 else "grid"}" x1="{x(tick):.1f}" x2="{x(tick):.1f}" '
                   f'y1="{top - 6}" y2="{bottom + 4}"/>')
        out.append(_text(x(tick), bottom + 20, f"{tick:g}", "text small", "middle"))
        tick *= 2
    for number, (title, points) in enumerate(rows):
        y = top + _ROW * number + _ROW / 2
        out.append(_text(12, y + 4, title, "text" if points is not _GROUP else "text group"))
        # The project's marks are drawn last, above the others.
        for index, contender in sorted(enumerate(shown), key=lambda pair: pair[1]["name"] == PROJECT):
            if contender["name"] in points:
                ratio = points[contender["name"]]
                out.append(_mark(x(ratio), y, index, contender["name"],
                                 f'{contender["title"]}: {title}: {ratio:.2f}'))
    out.append("</svg>")
    return "\n".join(out) + "\n"


_GROUP = {}  # the points of a row that is a group's name


def _rows(run, shown):
    rows, last = [], None
    for group, measure in run.measures():
        points = {}
        for contender in shown:
            ratio = run.results.ratio(measure["name"], contender["name"], REFERENCE)
            if measure["unit"] == "s" and ratio:
                points[contender["name"]] = ratio
        if points:
            if group != last:
                rows.append((group, _GROUP))
                last = group
            rows.append((measure["title"], points))
    return rows


def _legend(shown):
    out = []
    for index, contender in enumerate(shown):
        x, y = 20 + index % 4 * 200, 44 + index // 4 * 24
        out.append(_mark(x, y, index, contender["name"], contender["title"]))
        out.append(_text(x + 12, y + 4, contender["title"], "text"))
    return out


def _mark(x, y, index, name, tip):
    """A different shape beside the colour, for those who cannot tell the colours apart."""
    colour = "#1f6feb" if name == PROJECT else _COLOURS[index % len(_COLOURS)]
    paint = f'fill="{colour}"' if name == PROJECT else f'fill="{colour}" fill-opacity="0.55" stroke="{colour}"'
    shape = index % 4
    if name == PROJECT or shape == 0:
        size = 6 if name == PROJECT else 4.5
        body = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" {paint}>'
        end = "</circle>"
    elif shape == 1:
        body, end = f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" {paint}>', "</rect>"
    else:
        sign = -1 if shape == 2 else 1
        points = f"{x - 5:.1f},{y - 4 * sign:.1f} {x + 5:.1f},{y - 4 * sign:.1f} {x:.1f},{y + 5 * sign:.1f}"
        body, end = f'<polygon points="{points}" {paint}>', "</polygon>"
    return f"{body}<title>{escape(tip)}</title>{end}"


def _text(x, y, words, style, anchor="start"):
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
