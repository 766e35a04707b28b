"""The frame around the sandbox's own web pages: quiet, narrow, light and dark."""

from html import escape

STYLE = """
:root { color-scheme: light dark; --ground: #fbfaf8; --card: #fff; --ink: #1d1c1a; --soft: #6d6a64;
  --line: #e6e2db; --accent: #b4472f; --hover: #f5f2ec }
@media (prefers-color-scheme: dark) { :root { --ground: #151515; --card: #1e1e1d; --ink: #eceae6;
  --soft: #9d9992; --line: #323130; --accent: #f08a6d; --hover: #272625 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif }
main { max-width: 68rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem }
h1 { font-size: 1.55rem; letter-spacing: -.015em; margin: 0 0 .25rem; overflow-wrap: anywhere }
p { margin: 0 0 1rem }
.soft { color: var(--soft) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  overflow: auto; margin: 1.5rem 0 }
table { width: 100%; border-collapse: collapse }
th, td { text-align: left; padding: .6rem 1rem; border-bottom: 1px solid var(--line);
  vertical-align: middle }
tr:last-child td { border-bottom: 0 }
tbody tr:hover { background: var(--hover) }
th { font-size: .75rem; text-transform: uppercase; letter-spacing: .06em; color: var(--soft);
  font-weight: 600; white-space: nowrap }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.tag { font-size: .78rem; padding: .1rem .5rem; border: 1px solid var(--line); border-radius: 99px;
  color: var(--soft); white-space: nowrap }
.tag.open { color: var(--accent); border-color: currentColor }
.empty { padding: 3.5rem 1rem; text-align: center; color: var(--soft) }
a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: 3px }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
code, pre { font: .86em/1.5 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace }
pre { margin: 0; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere }
"""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; media-src 'self';"
    " img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def page(title: str, body: str, style: str = "") -> str:
    """A whole document; `body` and `style` are trusted markup, the title is plain text."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
