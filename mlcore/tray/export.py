"""A tray as files: a table with a row a pin, JSON, and one page of HTML that opens without a network."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from mlcore.files.export import to_csv
from mlcore.tray.pictures import Figure, first_lines
from mlcore.tray.pins import Pin

COLORS = "color-scheme: light; color: #1a1d24; background: #fff"


@dataclass(frozen=True)
class Shown:
    """A pin with what a reader's language calls it."""

    number: int  # as it was given when it was pinned, whatever the order
    pin: Pin
    figures: Sequence[Figure]
    title: str  # of room and view
    href: str  # the whole address of its link


def table(shown: Sequence[Shown], names: Mapping[str, str]) -> str:
    """CSV: a row a pin, a column a setting, the last value of every curve of its first picture of curves.

    `names` calls the columns: number, title, link, note, said, and settings by their codes.
    """
    codes = list(dict.fromkeys(code for each in shown for code in each.pin.settings))
    rows = []
    for each in shown:
        row: dict[str, Any] = {names["number"]: each.number, names["title"]: each.title}
        row |= {
            f"{names.get(code, code)} [{code}]": number_or_text(each.pin.settings.get(code)) for code in codes
        }
        if found := first_lines(each.figures):
            row |= {f"{names['last']}: {line.name or i}": line.y[-1] for i, line in enumerate(found[1], 1)}
        row |= {
            names["said"]: " ".join(each.pin.said),
            names["note"]: each.pin.note,
            names["link"]: each.href,
        }
        rows.append(row)
    frame = pd.DataFrame(rows)
    ends = [names[name] for name in ("said", "note", "link") if names[name] in frame]
    return to_csv(frame[[*(column for column in frame if column not in ends), *ends]])


def number_or_text(value: str | None) -> Any:
    try:
        return float(value) if value is not None else None
    except ValueError:
        return value


def as_json(shown: Sequence[Shown]) -> str:
    pins = [asdict(each.pin) | {"number": each.number, "title": each.title, "href": each.href,
                                "figures": list(each.figures)} for each in shown]  # fmt: skip
    return json.dumps({"laboratory": "mlp-laboratory", "pins": pins}, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class Section:
    """A part of the report: a heading, paragraphs, a table, pictures."""

    heading: str
    paragraphs: Sequence[str] = ()
    link: str = ""
    rows: Sequence[Sequence[str]] = ()  # the first is the head
    figures: Sequence[Figure] = ()
    alts: Sequence[str] = ()


def report(title: str, language: str, sections: Sequence[Section], plotly: str) -> str:
    """One page of HTML with everything in it, `plotly` (its JavaScript) once; every text is shown as it is.

    Nothing in it can ask a network for anything: its policy forbids that even to the pictures.
    """
    figures = [figure for section in sections for figure in section.figures]
    data = json.dumps(figures, separators=(",", ":")).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
    start, library = iter(range(len(figures))), plotly.replace("</script", "<\\/script")
    return f"""<!doctype html>
<html lang="{html.escape(language)}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>
<h1>{html.escape(title)}</h1>
{"".join(_section(section, start) for section in sections)}
<script>{library}</script>
<script type="application/json" id="figures">{data}</script>
<script>{DRAW}</script></body></html>
"""


def _section(section: Section, start: Any) -> str:
    parts = [f"<section><h2>{html.escape(section.heading)}</h2>"]
    parts += [f"<p>{html.escape(paragraph)}</p>" for paragraph in section.paragraphs if paragraph]
    if section.rows:
        head, *rows = section.rows
        parts.append(
            "<div class=wide><table><tr>" + "".join(f"<th>{html.escape(c)}</th>" for c in head) + "</tr>"
        )
        parts += ["<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows]
        parts.append("</table></div>")
    alts = [*section.alts, *[""] * len(section.figures)]
    for alt, _ in zip(alts, section.figures, strict=False):
        text = html.escape(alt, quote=True)
        parts.append(f'<div class="figure" role="img" aria-label="{text}" data-figure="{next(start)}"></div>')
    if section.link:
        parts.append(
            f'<p><a href="{html.escape(section.link, quote=True)}">{html.escape(section.link)}</a></p>'
        )
    return "".join([*parts, "</section>\n"])


STYLE = f"""body {{ {COLORS}; font: 16px/1.5 system-ui, "Noto Sans KR", sans-serif; max-width: 62rem;
 margin: 2rem auto; padding: 0 1rem; word-break: keep-all; overflow-wrap: anywhere }}
section {{ border-top: 1px solid #ccd; padding: .5rem 0 1.5rem; break-inside: avoid }}
h2 {{ font-size: 1.2rem }} table {{ border-collapse: collapse }} .wide {{ overflow-x: auto }}
td, th {{ border: 1px solid #ccd; padding: .25rem .6rem; text-align: left }} .figure {{ height: 24rem }}"""

DRAW = """const figures = JSON.parse(document.getElementById("figures").textContent);
for (const place of document.querySelectorAll("[data-figure]")) {
  const { data, layout } = figures[place.dataset.figure];
  const look = { autosize: true, paper_bgcolor: "#fff", plot_bgcolor: "#fff", height: place.clientHeight };
  const font = { ...layout.font, family: "system-ui, 'Noto Sans KR', sans-serif", color: "#1a1d24" };
  Plotly.newPlot(place, data, { ...layout, ...look, font }, { responsive: true, displaylogo: false });
}"""
