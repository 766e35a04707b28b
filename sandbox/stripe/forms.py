"""Reads the nested forms that Stripe's API takes: `a[b][0]=x` and `a[]=x`."""

import re
from itertools import pairwise
from urllib.parse import parse_qsl

from sandbox.stripe.errors import StripeError

Tree = dict[str, "Tree | str"]
"""Lists are trees too, keyed by their indices."""

_SEGMENT = re.compile(r"\[([^\[\]]*)\]")
_MOST_FIELDS = 5000
_DEEPEST = 12


def parse_form(text: str) -> Tree:
    """Raises StripeError for a form that can't be a tree."""
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise StripeError(f"Invalid request body: {error}", recorded=False) from error
    root: Tree = {}
    for name, value in pairs:
        head = name.partition("[")[0]
        _insert(root, [head, *_SEGMENT.findall(name[len(head) :])], value, name)
    return root


def _insert(root: Tree, path: list[str], value: str, name: str) -> None:
    if len(path) > _DEEPEST:
        raise StripeError(f"Invalid nesting: {name}", param=name, recorded=False)
    node = root
    for here, following in pairwise(path):
        child = node.setdefault(here or _slot(node, following), {})
        if isinstance(child, str):
            raise StripeError(f"Invalid hash: {name}", param=name, recorded=False)
        node = child
    node[path[-1] or str(len(node))] = value


def _slot(node: Tree, following: str) -> str:
    """The index that `[]` stands for: a key that the last element has already begins the next."""
    last = str(len(node) - 1)
    element = node.get(last)
    return last if isinstance(element, dict) and following not in element else str(len(node))
