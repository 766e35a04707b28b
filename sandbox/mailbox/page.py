"""The pages to look into the mailbox."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from sandbox.mailbox.letters import Letter
from sandbox.pages import page

STYLE = """
.time { white-space: nowrap; color: var(--soft); font-variant-numeric: tabular-nums }
td a { display: block; font-weight: 600; text-decoration: none }
td a:hover { text-decoration: underline }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem;
  margin: 1rem 0 0; font-size: .92rem }
.facts dt { color: var(--soft) }
.facts dd { margin: 0; overflow-wrap: anywhere }
iframe { display: block; width: 100%; height: 46rem; border: 0; background: #fff }
details { border-top: 1px solid var(--line) }
details:first-child { border-top: 0 }
summary { cursor: pointer; padding: .75rem 1rem; font-weight: 600 }
.back { display: inline-block; margin-bottom: 1.25rem }
"""
LETTER_HEADERS = {
    # A mail is a stranger's document: no scripts, no forms, and nothing loaded from outside
    # this machine. Links open in a new tab.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " img-src data: http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def list_page(letters: Sequence[Letter]) -> str:
    """All letters, newest first."""
    rows = "".join(
        f"<tr><td><a href='/mail/{letter.id}'>{escape(letter.subject) or '(no subject)'}</a>"
        f"<span class='soft'>{escape(letter.sender)}</span></td>"
        f"<td>{escape(', '.join(letter.to))}</td>"
        f"<td class='time'>{_moment(letter.received_at)}</td></tr>"
        for letter in letters
    )
    table = (
        "<table><thead><tr><th>Subject</th><th>To</th><th>Received (UTC)</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
    empty = "<div class='empty'>No mail yet.</div>"
    count = f"{len(letters)} letter{'' if len(letters) == 1 else 's'}"
    return page(
        "Mailbox",
        f"<h1>Mailbox</h1><p class='soft'>Every mail that the sandbox sends ends here · {count}</p>"
        f"<div class='card'>{table if letters else empty}</div>",
        STYLE,
    )


def letter_page(letter: Letter) -> str:
    """One letter: as a reader sees it, as plain text, its headers."""
    headers = "\n".join(f"{name}: {value}" for name, value in letter.headers)
    shown = (
        f"<div class='card'><iframe title='The mail as HTML' src='/mail/{letter.id}/html'"
        " sandbox='allow-popups allow-popups-to-escape-sandbox'></iframe></div>"
        if letter.html
        else ""
    )
    opened = "" if letter.html else " open"
    return page(
        letter.subject or "(no subject)",
        f"<a class='back soft' href='/'>← Mailbox</a><h1>{escape(letter.subject)}</h1>"
        f"<dl class='facts'>{_facts(letter)}</dl>{shown}<div class='card'>"
        f"<details{opened}><summary>Text</summary><pre>{escape(letter.text)}</pre></details>"
        f"<details><summary>Headers</summary><pre>{escape(headers)}</pre></details></div>"
        f"<p><a href='/messages/{letter.id}/raw'>Raw source</a></p>",
        STYLE,
    )


def _facts(letter: Letter) -> str:
    received = f"{_moment(letter.received_at)} UTC"
    facts = (("From", letter.sender), ("To", ", ".join(letter.to)), ("Received", received))
    return "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)


def html_document(letter: Letter) -> str:
    """The HTML part, its links sent to a new tab."""
    return f'<base target="_blank">{letter.html}'


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
