"""What statements that are made once are told each time they run: the parameters many share."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, Column, Text, bindparam

ORDER = "of_order"
OF_ORDER: BindParameter[str] = bindparam(ORDER, type_=Text)


def new(column: Column[Any]) -> BindParameter[Any]:
    """What a column is to become."""
    return bindparam(f"new_{column.name}", type_=column.type)


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values for `new`, of a row's columns by their names."""
    return {f"new_{name}": value for name, value in row.items()}
