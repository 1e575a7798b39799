"""The reference of all settings, written from the schema.

``python -m config.reference`` writes `config/node.toml` and `docs/configuration.md`,
and `docs/features.md` from the table of features; tests say when they are out of date.
"""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.anatomy import is_list, mark_of, mark_of_entries, table_of
from config.feature_page import feature_page
from config.load import PREFIX
from config.schema import SHIPPED_SPECIES, Settings
from config.table import keys_of
from config.values import Unit

_WIDTH = 84
_PAIR = ", least and greatest"

_TOML_HEAD = """\
The whole configuration of exhaustion-node: every key with its default, its unit in
[brackets] and the reason. Copy this file, change what differs at your site, delete the
rest if you like, and try the copy with `exhaustion-node check-config FILE`."""

_MARKDOWN_HEAD = f"""\
# Configuration

Everything has a default; a file that says only where your PACS is will do:

```toml
[[destinations]]
name = "pacs"
ae_title = "PACS"
host = "pacs.example.org"
port = 104
```

`config/node.toml` holds every key with its default, to be copied. Check a file before
you use it; all its mistakes are printed at once, each with its remedy:

```sh
exhaustion-node check-config config/node.toml
```

Unknown keys are mistakes. Relative paths start at the configuration's folder. An
environment variable `{PREFIX}<TABLE>__<KEY>` replaces a single value, for
example `{PREFIX}NODE__PORT=104`; lists stand in the file only. Passwords are
accepted from the environment and from files that the configuration names, never from
the configuration itself.

Weight, activity, regions, models and the zone enter the results: when you change them,
later objects of a study make a new revision of its result, and `exhaustion-node replay`
computes an earlier one anew.
"""


def reference_toml() -> str:
    """Return the commented reference; as TOML it is exactly the defaults."""
    blocks = [_comment(_TOML_HEAD)]
    for name, field in keys_of(Settings).items():
        blocks += _toml_table(name, field)
    return "\n".join(block + "\n" for block in blocks)


def reference_markdown() -> str:
    """Return the page of the documentation that lists every key."""
    blocks = [_MARKDOWN_HEAD]
    for name, field in keys_of(Settings).items():
        blocks += _markdown_table(name, field)
    return "\n".join(blocks)


def _toml_table(name: str, field: FieldInfo) -> Iterator[str]:
    table = _table(field)
    if name == "species":
        yield from _toml_species(field, table)
    elif is_list(field):
        yield _comment(_flat(field))
        yield _commented_out(f"[[{name}]]", table)
    else:
        yield f"[{name}]\n{_comment(_doc(table))}"
        yield from _toml_keys(name, table)


def _toml_keys(name: str, table: type[BaseModel]) -> Iterator[str]:
    """Return a table's keys; its tables come last, as TOML demands."""
    tables = {key: inner for key, inner in keys_of(table).items() if table_of(inner)}
    for key, field in keys_of(table).items():
        if key not in tables:
            yield f"{_comment(_described(field))}\n{_key_line(key, field)}"
    for key, field in tables.items():
        yield _comment(_flat(field))
        yield _commented_out(f"[[{name}.{key}]]", _table(field))


def _toml_species(field: FieldInfo, table: type[BaseModel]) -> Iterator[str]:
    yield _comment(f"{_flat(field)} {_entry_units(table)}")
    for kind, ranges in SHIPPED_SPECIES.items():
        lines = [f"{key} = {_toml(value)}" for key, value in ranges]
        yield "\n".join([f"[species.{kind}]", *lines])


def _key_line(key: str, field: FieldInfo) -> str:
    if field.default is None:
        return f"# {key} = {_toml(_example(field))}"
    return f"{key} = {_toml(field.default)}"


def _commented_out(header: str, table: type[BaseModel]) -> str:
    lines = [f"# {header}"]
    for key, field in keys_of(table).items():
        described = textwrap.wrap(_described(field), _WIDTH - 2)
        lines += [f"#   {line}" for line in described]
        shown = field.is_required() or field.default is None
        value = _example(field) if shown else field.default
        lines.append(f"# {key} = {_toml(value)}")
    return "\n".join(lines)


def _markdown_table(name: str, field: FieldInfo) -> Iterator[str]:
    table = _table(field)
    many = is_list(field) or name == "species"
    title = "[species.NAME]" if name == "species" else f"[{name}]"
    title = f"[{title}]" if is_list(field) else title
    yield f"## `{title}`\n\n{_flat(field) if many else _doc(table)}\n"
    yield from _markdown_rows(table)
    if name == "species":
        yield from _markdown_species()
    for key, inner in keys_of(table).items():
        if table_of(inner):
            yield f"### `[[{name}.{key}]]`\n\n{_flat(inner)}\n"
            yield from _markdown_rows(_table(inner))


def _markdown_rows(table: type[BaseModel]) -> Iterator[str]:
    yield "| key | unit | default | meaning |\n|---|---|---|---|"
    for key, field in keys_of(table).items():
        if not table_of(field):
            yield _markdown_row(key, field)
    yield ""


def _markdown_row(key: str, field: FieldInfo) -> str:
    if field.is_required():
        default = "required"
    elif field.default is None:
        default = "not set"
    else:
        default = f"`{_toml(field.default)}`"
    return f"| `{key}` | {_unit(field)} | {default} | {_flat(field)} |"


def _markdown_species() -> Iterator[str]:
    yield "| shipped | `weight_g` | `activity_mbq` | `peak_diameter_mm` |"
    yield "|---|---|---|---|"
    for kind, ranges in SHIPPED_SPECIES.items():
        shown = (ranges.weight_g, ranges.activity_mbq, ranges.peak_diameter_mm)
        yield f"| `{kind}` | {' | '.join(f'`{_toml(each)}`' for each in shown)} |"
    yield ""


def _table(field: FieldInfo) -> type[BaseModel]:
    table = table_of(field)
    if table is None:
        raise TypeError(field)
    return table


def _doc(table: type[BaseModel]) -> str:
    return " ".join((table.__doc__ or "").split())


def _flat(field: FieldInfo) -> str:
    return " ".join((field.description or "").split())


def _described(field: FieldInfo) -> str:
    return f"[{_unit(field)}] {_flat(field)}"


def _entry_units(table: type[BaseModel]) -> str:
    shown = vars(next(iter(SHIPPED_SPECIES.values())))
    units = [
        f"{key} [{_unit(field)}{_PAIR if isinstance(shown[key], tuple) else ''}]"
        for key, field in keys_of(table).items()
    ]
    return f"Keys: {', '.join(units)}."


def _unit(field: FieldInfo) -> str:
    own, entry = mark_of(field, Unit), mark_of_entries(field, Unit)
    if own is not None:
        return own.name
    name = "text" if entry is None else entry.name
    return f"list of {name}s" if is_list(field) else name


def _example(field: FieldInfo) -> Any:
    return (field.examples or [""])[0]


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(entry) for entry in value)}]"
    if isinstance(value, Path):
        return json.dumps(value.as_posix())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _comment(text: str) -> str:
    lines = textwrap.wrap(" ".join(text.split()), _WIDTH)
    return "\n".join(f"# {line}" for line in lines)


def main() -> None:
    """Write the references where they belong in a checkout."""
    root = Path(__file__).resolve().parents[1]
    (root / "config" / "node.toml").write_text(reference_toml(), "utf-8")
    (root / "docs" / "configuration.md").write_text(reference_markdown(), "utf-8")
    (root / "docs" / "features.md").write_text(feature_page(), "utf-8")


if __name__ == "__main__":
    main()
