"""The options that name tables, as every command has them."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from node.commands.table_options import table_options
from node.learning.tables.choice import TableChoice
from tests.support.tables import EXAMPLE


@click.command
@table_options
@click.option("--seed", type=int, default=1)
def learn(*, tables: TableChoice, seed: int) -> None:
    """Learn."""
    for path in (*tables.features, tables.flow, tables.fractions, tables.design):
        click.echo(path)
    click.echo(f"{tables.ledger} {tables.roi} {dict(tables.columns)} {seed}")


def run(*words: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(learn, words)
    return done.exit_code, done.output.splitlines()


def test_a_command_gets_its_tables_as_one_value(tmp_path: Path) -> None:
    one, other = EXAMPLE.features[0], tmp_path / "other.csv"
    other.write_text("")

    code, told = run(
        *("--features", str(one), "--features", str(other), "--ledger"),
        *("--flow", str(EXAMPLE.flow), "--design", str(EXAMPLE.design)),
        *("--roi", "Tumor", "--column", "terminal=CD8+/PD-1hi = x", "--seed", "7"),
    )

    assert code == 0
    assert told == [
        str(one),
        str(other),
        str(EXAMPLE.flow),
        "",
        str(EXAMPLE.design),
        "True Tumor {'terminal': 'CD8+/PD-1hi = x'} 7",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("--column", "terminal"),
        ("--column", "=PD-1hi"),
        ("--column", "early=a", "--column", "early=b"),
        ("--flow", "nowhere.csv"),
    ],
)
def test_options_that_mean_nothing_are_wrong_usage(words: tuple[str, ...]) -> None:
    assert run(*words)[0] == 2


def test_the_help_names_the_columns() -> None:
    _, told = run("--help")
    text = " ".join(" ".join(told).split())

    for word in ("early_to_terminal", "Mixture", "study_instance_uid", "NAME=HEADER"):
        assert word in text
