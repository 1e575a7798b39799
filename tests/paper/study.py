"""The study, from tumours to reports: what is done, in order.

Design choice: the order is the paper's, and a site's. The model is put where a node
finds it, and the RT group is scored by the node, so that what the cohort shows are the
numbers that its reports would show.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any

from config.score_models import load_score_model
from model.score.score_model import ScoreModel
from node.learning.made_model import write_made_model
from tests.paper.commands import CommandFailedError, Done, run
from tests.paper.scans import PROFILE, Scanned, scanned, shared_out, write_scans
from tests.paper.truth import Size, Tumour, inhibited, irradiated, retested
from tests.paper.written_tables import write_design, write_flow, write_fractions
from tests.support.service import command

MODEL = "phantoms"
"""Name of the trained model."""
_GROUPS: Mapping[str, Callable[[Size], Iterable[Tumour]]] = {
    "ici": inhibited,
    "rt": irradiated,
}


@dataclass(frozen=True)
class Plan:
    """How the study is made.

    Attributes
    ----------
    folder : Path
        Empty or missing.
    size : Size
    processes : int
    thoroughness : tuple of str
        Options of ``train`` that say how often it resamples.
    tell : callable
        Told, in words, what is done next.
    """

    folder: Path
    size: Size
    processes: int
    thoroughness: tuple[str, ...]
    tell: Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Study:
    """What the study came to.

    Attributes
    ----------
    groups : mapping of str to Scanned
        ``ici`` and ``rt``.
    done : mapping of str to Done
        By the folder of its report.
    model : ScoreModel or None
        The trained one; None where there is none.
    scored : tuple of Any
        Results of the RT group under the trained model, as ``score --json`` has them.
    """

    groups: Mapping[str, Scanned]
    done: Mapping[str, Done]
    model: ScoreModel | None
    scored: tuple[Any, ...]


def scan_groups(plan: Plan) -> dict[str, Scanned]:
    """Scan all animals, and write the tables around the scans."""
    groups = {}
    for name, draw in _GROUPS.items():
        plan.tell(f"scanning the {name.upper()} group")
        tumours = tuple(draw(plan.size))
        found = scanned(name, tumours, plan.folder, processes=plan.processes)
        write_flow(tumours, plan.folder / f"{name}-flow.csv")
        write_fractions(tumours, plan.folder / f"{name}-fractions.csv")
        write_design(found.scans, plan.folder / f"{name}-design.csv")
        groups[name] = found
    plan.tell("scanning animals twice")
    for repeat, name in enumerate(("test", "retest"), start=1):
        write_scans(retested(plan.size), plan.folder / name, repeat)
    return groups


def conduct(plan: Plan) -> Study:
    """Do the whole study."""
    groups = scan_groups(plan)
    done: dict[str, Done] = {}

    def report(name: str, *words: str | Path) -> Done:
        plan.tell(" ".join(map(str, words[:1])) + f" -> {name}")
        done[name] = run(plan.folder / name, *words)
        return done[name]

    test, retest = plan.folder / "test", plan.folder / "retest"
    report(
        "repeatability",
        *("repeatability", "--test", test, "--retest", retest, "--profile", PROFILE),
    )
    trained = report(
        "train",
        *("train", "--name", MODEL, *tables_of(groups, "ici", plan)),
        *("--kept", plan.folder / "repeatability" / "kept.csv"),
        *plan.thoroughness,
    )
    for name, model in (("published", PROFILE), ("ours", _file_in(trained.out))):
        if model is not None:
            report(
                f"validate-{name}",
                *("validate", "--model", model, *tables_of(groups, "rt", plan)),
            )
    report(
        "calibrate-published",
        *("calibrate", "--model", PROFILE, "--name", f"{PROFILE}-phantoms"),
        *tables_of(groups, "ici", plan),
    )
    model = _file_in(trained.out)
    if model is None:
        return Study(groups, done, None, ())
    report(
        "calibrate-ours",
        *("calibrate", "--model", model, "--name", f"{MODEL}-rt"),
        *tables_of(groups, "rt", plan),
    )
    scored, documents = _score(plan, groups["rt"], load_score_model(model))
    coefficient = _repeatability_of_score(plan, report)
    report(
        "cohort",
        "cohort",
        *chain(*product(["--features"], documents)),
        *_tables_around(plan, "rt"),
        *("--fractions", plan.folder / "rt-fractions.csv"),
        *(["--repeatability-coefficient", f"score={coefficient!r}"]),
    )
    return Study(groups, done, load_score_model(model), scored)


def tables_of(
    groups: Mapping[str, Scanned], name: str, plan: Plan
) -> tuple[str | Path, ...]:
    """Return the options that name the tables of a group."""
    features = chain(*product(["--features"], groups[name].features))
    return (*features, *_tables_around(plan, name))


def _tables_around(plan: Plan, name: str) -> tuple[str | Path, ...]:
    flow, design = (plan.folder / f"{name}-{what}.csv" for what in ("flow", "design"))
    return ("--flow", flow, "--design", design)


def _file_in(folder: Path) -> Path | None:
    """Return the model that a command wrote, if it wrote one."""
    found = sorted(folder.glob("*.toml"))
    return found[0] if found else None


def _score(
    plan: Plan, group: Scanned, model: ScoreModel
) -> tuple[tuple[Any, ...], list[Path]]:
    """Put a model into service and score a group; return results and documents."""
    plan.tell(f"scoring the RT group under {model.name} {model.version}")
    data = plan.folder / "data"
    write_made_model(model, data / "score_models")
    _config(plan).write_text(
        f'[node]\ndata_folder = "{data}"\n[score]\nmodel = "{model.name}"\n',
        encoding="utf-8",
    )
    tasks = [(folder, _config(plan)) for folder in group.studies]
    documents = shared_out(_scored_document, tasks, plan.processes)
    read = [json.loads(each.read_text(encoding="utf-8")) for each in documents]
    return tuple(result for each in read for result in each["results"]), documents


def _config(plan: Plan) -> Path:
    return plan.folder / "node.toml"


def _scored_document(studies: Path, config: Path) -> Path:
    """Score a folder of studies; return the file that holds what was printed."""
    out = studies.with_name(f"{studies.name}-scored")
    code, printed, notes = command(
        "score", str(studies), "--out", str(out), "--config", str(config), "--json"
    )
    if code:
        message = f"score {studies.name}: exit code {code}\n{notes}"
        raise CommandFailedError(message)
    document = out.with_suffix(".json")
    document.write_text(printed, encoding="utf-8")
    return document


def _repeatability_of_score(plan: Plan, report: Callable[..., Done]) -> float:
    """Return the repeatability coefficient of the trained model's score."""
    tasks = [(plan.folder / name, _config(plan)) for name in ("test", "retest")]
    documents = shared_out(_scored_document, tasks, plan.processes)
    table = plan.folder / "scores-of-retest.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["animal", "repeat", "roi", "trained_score"])
        for repeat, document in enumerate(documents, start=1):
            for each in json.loads(document.read_text(encoding="utf-8"))["results"]:
                rows.writerow(
                    [each["patient_id"], repeat, each["roi"], repr(each["score"])]
                )
    words = ("repeatability", "--features", table, "--feature", "trained_score")
    found = report("repeatability-of-score", *words).summary["features"]
    return float(found[0]["repeatability_coefficient"])
