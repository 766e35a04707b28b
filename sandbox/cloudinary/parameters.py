"""Reads and checks what a caller sent."""

import re
from collections.abc import Iterable, Mapping

from sandbox.cloudinary.refusals import Refusal

RESOURCE_TYPES = ("image", "video", "raw")
DELIVERY_TYPES = ("upload", "authenticated", "private")
FORBIDDEN_IN_PUBLIC_ID = re.compile(r"[?&#\\%<>+\x00-\x1f\x7f]|^[\s/]|[\s/]$|//")
LONGEST_PUBLIC_ID = 255
MOST_PUBLIC_IDS = 100


def single_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Merge `name[]` lists as Cloudinary signs them, and refuse a name that is given twice."""
    merged: dict[str, str] = {}
    for name, value in pairs:
        plain = name.removesuffix("[]")
        if plain in merged and plain == name:
            raise Refusal(400, f"Duplicate parameter - {name}")
        merged[plain] = f"{merged[plain]},{value}" if plain in merged else value
    return merged


def checked_public_id(public_id: str) -> str:
    """Refuse what Cloudinary does not allow in a public id."""
    if not public_id:
        raise Refusal(400, "Missing required parameter - public_id")
    if len(public_id) > LONGEST_PUBLIC_ID or FORBIDDEN_IN_PUBLIC_ID.search(public_id):
        raise Refusal(400, f"public_id ({public_id}) is invalid")
    return public_id


def public_ids(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """What a listing asks for, each once; refuses none, too many, and any other question."""
    pairs = list(pairs)
    for name, _ in pairs:
        if name != "public_ids[]":
            raise Refusal(400, f"{name} is not supported by this emulator")
    if not 0 < len(pairs) <= MOST_PUBLIC_IDS:
        raise Refusal(400, f"This emulator lists by 1 to {MOST_PUBLIC_IDS} public_ids")
    return list(dict.fromkeys(value for _, value in pairs))


def checked_resource_type(resource_type: str, *others: str) -> str:
    """Refuse an unknown resource type in a path."""
    if resource_type not in (*RESOURCE_TYPES, *others):
        raise Refusal(400, f"Invalid resource type {resource_type}")
    return resource_type


def delivery_type(parameters: Mapping[str, str]) -> str:
    """The parameter `type`, `upload` unless given."""
    given = parameters.get("type") or "upload"
    if given not in DELIVERY_TYPES:
        raise Refusal(400, f"Invalid type {given}")
    return given


def boolean(parameters: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    """A flag as Cloudinary's libraries write it: true/false or 1/0."""
    given = parameters.get(name, "").lower()
    return given in ("true", "1") if given else default


def tags(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Comma-separated tags, each once, in order."""
    given = (tag.strip() for tag in parameters.get("tags", "").split(","))
    return tuple(dict.fromkeys(tag for tag in given if tag))


def context(parameters: Mapping[str, str]) -> dict[str, str]:
    r"""Pairs like `caption=Night|alt=A road`; `\|` and `\=` stand for the plain characters."""
    pairs = (
        re.split(r"(?<!\\)=", pair, maxsplit=1)
        for pair in re.split(r"(?<!\\)\|", parameters.get("context", ""))
    )
    return {
        _unescaped(pair[0]): _unescaped(pair[1]) for pair in pairs if len(pair) == 2 and pair[0]
    }


def _unescaped(text: str) -> str:
    return text.replace(r"\|", "|").replace(r"\=", "=")
