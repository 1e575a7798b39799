"""What all tables of the configuration have in common."""

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo


class Table(BaseModel):
    """A table of the configuration: frozen, without unknown keys."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )


def keys_of(table: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a table by the key that people write."""
    fields = table.model_fields.items()
    return {field.alias or name: field for name, field in fields}
