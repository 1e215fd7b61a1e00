"""Draws the figures of the benches as SVG: make bench-plot.

Reads target/bench-growth.json and target/bench-peers.json, and writes docs/benchmarks/*.svg. A file
that a bench has not written is left out, with a note.
"""

import html
import json
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 46, 52
COLOURS = ["#1b6ac9", "#c2571a", "#2f8f4e"]
STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #333 } .title { font-size: 15px; font-weight: 600 }
.grid { stroke: #8884; stroke-width: 1 } .line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } }
</style>"""


def read(name):
    path = ROOT / "target" / name
    if not path.exists():
        print(f"target/{name} is missing: run make {name.removesuffix('.json')}", file=sys.stderr)
        return None
    return json.loads(path.read_text())


def write(name, title, parts, height=HEIGHT):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    heading = f"<title>{html.escape(title)}</title>{STYLE}" + text(10, 22, title, "title")
    folder = ROOT / "docs/benchmarks"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.svg").write_text("\n".join([head, heading, *parts, "</svg>\n"]))


def text(x, y, words, kind="", anchor="start"):
    place = f'x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}"'
    return f"<text {place}>{html.escape(words)}</text>"


def line(x1, y1, x2, y2):
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def ticks(largest):
    """Round numbers from 0 to just above the largest value."""
    step = 10 ** math.floor(math.log10(largest / 2))
    step *= next(factor for factor in (1, 2, 5, 10) if largest / (step * factor) <= 5)
    return [step * number for number in range(math.ceil(largest / step) + 1)]


def line_chart(name, title, x_label, series):
    """Lines over a logarithmic axis, or over whole numbers if there are few."""
    values = sorted({x for _, points in series for x, _ in points})
    scale = math.log10 if values[-1] > 10 else float
    first, last = scale(values[0]), scale(values[-1])
    marks = ticks(max(y for _, points in series for _, y in points))

    def across(x):
        return LEFT + (scale(x) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def down(y):
        return HEIGHT - BOTTOM - y / marks[-1] * (HEIGHT - TOP - BOTTOM)

    parts = [text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_label, anchor="middle")]
    for mark in marks:
        parts.append(line(LEFT, down(mark), WIDTH - RIGHT, down(mark)))
        parts.append(text(LEFT - 8, down(mark) + 4, f"{mark:,g}", anchor="end"))
    for x in values:
        anchor = "end" if x == values[-1] else "middle"
        parts.append(text(across(x), HEIGHT - BOTTOM + 18, f"{x:,.0f}", anchor=anchor))
    for number, (label, points) in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in points)
        parts.append(f'<polyline class="line" stroke="{colour}" points="{path}"/>')
        for x, y in points:
            parts.append(f'<circle cx="{across(x):.1f}" cy="{down(y):.1f}" r="3" fill="{colour}"/>')
        x = LEFT + 190 * number
        parts.append(f'<rect x="{x}" y="31" width="12" height="4" fill="{colour}"/>')
        parts.append(text(x + 18, 38, label))
    write(name, title, parts)


def bar_chart(name, title, rows):
    largest = max(value for _, value in rows)
    parts = []
    for number, (label, value) in enumerate(rows):
        y = 48 + 30 * number
        width = max(1, value / largest * (WIDTH - 370))
        parts.append(text(290, y + 14, label, anchor="end"))
        parts.append(f'<rect x="300" y="{y}" width="{width:.1f}" height="20" fill="{COLOURS[0]}"/>')
        parts.append(text(306 + width, y + 14, f"{value:,.0f}"))
    write(name, title, parts, 60 + 30 * len(rows))


def whole_cost(point):
    return point["issuer_cpu_us"] + (point["redis_cpu_us"] or 0)


def draw_growth(growth):
    series = {one["name"]: one for one in growth["series"]}

    def points(name, value):
        return [(point["x"], value(point)) for point in series[name]["points"]]

    sessions = [name for name in series if name.startswith("sessions")]
    lines = [(name.removeprefix("sessions, "), points(name, whole_cost)) for name in sessions]
    cost = "Processor time of a refresh, µs"
    line_chart("sessions", f"{cost}, issuer and Redis", series[sessions[0]]["x"], lines)
    for kind in ("connections", "replicas"):
        name = next(name for name in series if name.startswith(kind))
        lines = [(name.split(", ")[1], points(name, whole_cost))]
        line_chart(kind, f"{cost}, issuer and Redis", series[name]["x"], lines)
    name = next(name for name in series if name.startswith("connections"))
    lines = [("anonymous memory", points(name, lambda point: point["memory_mb"]))]
    line_chart("memory", "Memory of the issuer, MB", series[name]["x"], lines)


def draw_peers(peers):
    rows = []
    for row in sorted(peers["targets"] + peers["others"], key=lambda row: row["name"]):
        cost = row["issuer_cpu_us"] + (row["redis_cpu_us"] or 0)
        rows.append((row["name"].split(":")[0], 1e6 / cost))
    rows.sort(key=lambda row: (row[0].split(",")[0], -row[1]))
    bar_chart("peers", "Answers for a second of processor time", rows)


if growth := read("bench-growth.json"):
    draw_growth(growth)
if peers := read("bench-peers.json"):
    draw_peers(peers)
