"""Typed reading of a call's parameters, with Stripe's errors for what is missing or wrong."""

import re
from collections.abc import Collection, Iterator

from sandbox.stripe.errors import StripeError, invalid_parameter
from sandbox.stripe.forms import Tree

_INDEX = re.compile(r"\[[0-9]+\]")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_LONGEST, _LONGEST_BODY = 5000, 1024 * 1024  # characters
_METADATA_KEYS, _METADATA_KEY_LENGTH, _METADATA_VALUE_LENGTH = 50, 40, 500


class Parameters:
    """A tree of parameters that notices which of them nobody asked for."""

    def __init__(self, tree: Tree, path: str = "") -> None:
        self._tree = tree
        self._path = path
        self._read: set[str] = set()
        self._children: list[Parameters] = []

    def name(self, key: str) -> str:
        """The full name, as errors give it: `line_items[0][price]`."""
        return f"{self._path}[{key}]" if self._path else key

    def __contains__(self, key: str) -> bool:
        return key in self._tree

    def holds_tree(self, key: str) -> bool:
        """Whether a hash or a list was given, not a string."""
        return isinstance(self._tree.get(key), dict)

    def clears(self, key: str) -> bool:
        """Whether an empty string was given, which unsets what can be unset."""
        return self._value(key) == ""

    def text(self, key: str, *, clearable: bool = False, longest: int = _LONGEST) -> str | None:
        """None when absent, or when empty and `clearable`."""
        value = self._value(key)
        if value is None:
            return None
        if isinstance(value, dict):
            raise invalid_parameter(f"Invalid string: {self.name(key)}", self.name(key))
        if value == "" and not clearable:
            raise _empty(self.name(key))
        if len(value) > longest:
            raise invalid_parameter(
                f"Invalid string: {value[:10]}...{value[-10:]}; must be at most {longest} "
                "characters",
                self.name(key),
            )
        return value or None

    def accept(self, key: str) -> None:
        """Take a parameter, and all that is in it, that changes nothing here."""
        self._value(key)

    def required_text(self, key: str, *, longest: int = _LONGEST) -> str:
        value = self.text(key, longest=longest)
        if value is None:
            raise missing(self.name(key))
        return value

    def integer(self, key: str, *, least: int | None = None, most: int | None = None) -> int | None:
        text = self.text(key)
        if text is None:
            return None
        if not _INTEGER.fullmatch(text):
            code = "parameter_invalid_integer"
            raise invalid_parameter(f"Invalid integer: {text}", self.name(key), code)
        value = int(text)
        if least is not None and value < least:
            message = f"This value must be greater than or equal to {least}."
            raise invalid_parameter(message, self.name(key), "parameter_invalid_integer")
        if most is not None and value > most:
            message = f"This value must be less than or equal to {most}."
            raise invalid_parameter(message, self.name(key), "parameter_invalid_integer")
        return value

    def required_integer(self, key: str, *, least: int | None = None) -> int:
        value = self.integer(key, least=least)
        if value is None:
            raise missing(self.name(key))
        return value

    def flag(self, key: str) -> bool | None:
        text = self.text(key)
        if text not in (None, "true", "false"):
            raise invalid_parameter(f"Invalid boolean: {text}", self.name(key))
        return None if text is None else text == "true"

    def choice(self, key: str, allowed: Collection[str]) -> str | None:
        text = self.text(key)
        if text is not None and text not in allowed:
            listed = ", ".join(sorted(allowed))
            message = f"Invalid {self.name(key)}: must be one of {listed}"
            raise invalid_parameter(message, self.name(key))
        return text

    def texts(self, key: str) -> list[str]:
        """A list of strings; empty when absent."""
        value = self._value(key)
        if isinstance(value, str):
            raise invalid_parameter("Invalid array", self.name(key))
        items = Parameters(value or {}, self.name(key))
        return [items.required_text(index) for index in items.indices()]

    def child(self, key: str) -> "Parameters | None":
        value = self._value(key)
        if value is None:
            return None
        if isinstance(value, str):
            raise invalid_parameter("Invalid hash", self.name(key))
        child = Parameters(value, self.name(key))
        self._children.append(child)
        return child

    def children(self, key: str) -> list["Parameters"]:
        """A list of hashes; empty when absent."""
        items = self.child(key)
        if items is None:
            return []
        return [child for index in items.indices() if (child := items.child(index)) is not None]

    def metadata(self, current: dict[str, str] | None = None) -> dict[str, str]:
        """What the metadata is after this call: keys are merged, an empty value removes its key."""
        if self.clears("metadata"):
            return {}
        given = self.child("metadata") or Parameters({})
        merged = dict(current or {})
        for key in given.names():
            value = given.text(key, clearable=True, longest=_LONGEST_BODY)
            _check_metadata(key, value, given.name(key))
            merged.pop(key, None)
            if value is not None:
                merged[key] = value
        if len(merged) > _METADATA_KEYS:
            message = f"Metadata can have up to {_METADATA_KEYS} keys."
            raise invalid_parameter(message, self.name("metadata"))
        return merged

    def refuse_unread(self, not_emulated: Collection[str] = ()) -> None:
        """Raise for a parameter that nothing has asked for.

        `not_emulated` are full names without indices, `line_items[tax_rates]`: Stripe knows them.
        """
        for key in self._tree:
            if key in self._read:
                continue
            if _INDEX.sub("", self.name(key)) in not_emulated:
                message = f"The sandbox does not emulate this parameter: {self.name(key)}"
            else:
                message = f"Received unknown parameter: {self.name(key)}"
            raise invalid_parameter(message, self.name(key), "parameter_unknown")
        for child in self._children:
            child.refuse_unread(not_emulated)

    def _value(self, key: str) -> "Tree | str | None":
        self._read.add(key)
        return self._tree.get(key)

    def names(self) -> list[str]:
        return list(self._tree)

    def indices(self) -> Iterator[str]:
        """The keys of a list, in its order."""
        for index in self._tree:
            if not index.isdecimal():
                raise invalid_parameter("Invalid array", self._path)
        yield from sorted(self._tree, key=int)


def missing(name: str) -> StripeError:
    return invalid_parameter(f"Missing required param: {name}.", name, "parameter_missing")


def _empty(name: str) -> StripeError:
    return invalid_parameter(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset "
        f"a parameter; however '{name}' cannot be unset. You should remove '{name}' from your "
        "request or supply a non-empty value.",
        name,
        "parameter_invalid_empty",
    )


def _check_metadata(key: str, value: str | None, name: str) -> None:
    if len(key) > _METADATA_KEY_LENGTH:
        raise invalid_parameter(
            f"Metadata keys can have up to {_METADATA_KEY_LENGTH} characters, but you passed in a "
            f"key that is {len(key)} characters. Invalid key: {key}",
            name,
        )
    if value is not None and len(value) > _METADATA_VALUE_LENGTH:
        raise invalid_parameter(
            f"Metadata values can have up to {_METADATA_VALUE_LENGTH} characters, but you passed "
            f"in a value that is {len(value)} characters. Invalid value: {value}",
            name,
        )
