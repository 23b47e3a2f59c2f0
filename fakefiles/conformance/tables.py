"""Reads tables, as TOML has them, into frozen dataclasses: the fields of the class are the schema.

All that is wrong raises a TableError, whose text is one line that says where and what.
"""

from __future__ import annotations

import difflib
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

Row = TypeVar("Row")


class TableError(ValueError):
    """A table is wrong. The text says where, and what."""


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file says. Raises TableError if it cannot be read, or is no TOML."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        parsed: dict[str, Any] = toml.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise TableError(f"{path}: {' '.join(str(error).split())}") from None
    return parsed


def rows_of(path: Path) -> dict[str, dict[str, Any]]:
    """Return the tables of a TOML file by name. Raises TableError if something in it is no table."""
    tables = read_toml(path)
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise TableError(f"{path.name}: {name} is no table; write [{name}], and its keys below")
    return tables


def row(cls: type[Row], table: Mapping[str, Any], where: str, **known: Any) -> Row:
    """Return an instance of a dataclass that is made from a table; `known` are fields that the table cannot have.

    Raises TableError for a key that is unknown or missing, for a value of another type, and for a ValueError of the
    class.
    """
    assert is_dataclass(cls)  # noqa: S101  for the types
    own = {field.name: field for field in fields(cls) if field.name not in known}
    for key in table:
        if key not in own:
            close = difflib.get_close_matches(key, own, 1)
            raise TableError(f"{where}: unknown key {key!r}; {f'did you mean {close[0]}?' if close else _list(own)}")
    for field in own.values():
        if field.name not in table and _is_required(field):
            raise TableError(f"{where}: {field.name} is missing")
    types_of = typing.get_type_hints(cls)
    values = {key: _value(types_of[key], value, f"{where}: {key}") for key, value in table.items()}
    try:
        return typing.cast("Row", cls(**values, **known))
    except ValueError as error:
        raise TableError(f"{where}: {error}") from None


def _list(own: Mapping[str, object]) -> str:
    return f"there are {', '.join(own)}"


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _value(wanted: Any, value: Any, where: str) -> Any:
    """Return a value in the type that a field has. Raises TableError if it cannot be that."""
    if isinstance(wanted, types.UnionType):
        wanted = next(each for each in typing.get_args(wanted) if each is not types.NoneType)
    origin = typing.get_origin(wanted)
    if origin is tuple:
        item = typing.get_args(wanted)[0]
        return tuple(_value(item, each, where) for each in _checked(value, list, where))
    if origin is not None:
        item = typing.get_args(wanted)[1]
        return {key: _value(item, each, f"{where}.{key}") for key, each in _checked(value, dict, where).items()}
    if is_dataclass(wanted):
        return row(typing.cast("type[Any]", wanted), _checked(value, dict, where), where)
    if issubclass(wanted, Enum):
        return _member(wanted, _checked(value, str, where), where)
    if wanted is float:
        return float(_checked(value, (int, float), where))
    return _checked(value, wanted, where)


def _member(wanted: Any, value: str, where: str) -> Any:
    """Return the member of an enumeration whose name or value is this text, in any case."""
    words = {member.name.lower(): member for member in wanted}
    if value.lower() not in words:
        raise TableError(f"{where} is one of {', '.join(words)}")
    return words[value.lower()]


_WORDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


def _checked(value: Any, wanted: Any, where: str) -> Any:
    # True is an int to Python, and no number to people.
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise TableError(f"{where} is {_WORDS.get(wanted, 'a number')}")
    return value
