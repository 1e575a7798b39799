"""Every setting, with its unit, its default and the reason for it.

Design choice: the docstring below a field is its documentation everywhere. The
reference `config/node.toml` and `docs/configuration.md` are written from it
(`config.reference`), so that they cannot say anything else than the code does.

Design choice: unknown keys are mistakes. A misspelt key that is ignored is a setting
that someone believes in.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, Strict, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from config import values
from config.measuring import (
    SHIPPED_SPECIES,
    Animals,
    CoRegistered,
    Features,
    InjectionLog,
    Matching,
    Rois,
    Score,
    Sources,
    Species,
    Suv,
)
from config.peers import Destination, Node, Peer, Retrieve, Retry
from config.results import Kind, Results
from config.security import AuditTrail, Limits, Tls
from config.table import Table
from config.values import Unit, Wanted

__all__ = [
    "SHIPPED_SPECIES",
    "Animals",
    "AuditTrail",
    "CoRegistered",
    "Compute",
    "Destination",
    "Features",
    "InjectionLog",
    "Ledger",
    "Limits",
    "Logging",
    "Matching",
    "Node",
    "Peer",
    "Results",
    "Retention",
    "Retrieve",
    "Retry",
    "Rois",
    "Score",
    "Settings",
    "Sources",
    "Species",
    "Suv",
    "Tls",
]


class Compute(Table):
    """Worker processes."""

    workers: values.Count = 1
    """Cases computed at a time, each in its own process of up to about 1 GB. One keeps
    up with a scanner; more help after an outage."""
    timeout_s: values.Seconds = 600.0
    """Longest time for one case. It takes a second or a few; ten minutes mean that it
    hangs."""
    attempts: values.Count = 3
    """Crashes or time-outs after which a case is set aside as failed. More than one,
    since a machine can be out of memory for a moment."""
    memory_mb: values.Megabytes = 4096
    """Memory that one worker may take beyond what it starts with; a case that wants
    more fails like a crash, instead of the machine running out. A study of 512 by 512
    by 1000 voxels takes about 3 GB."""


class Ledger(Table):
    """The database that remembers what came, what is to be done and what was sent."""

    url: Annotated[
        str,
        Strict(),
        Unit("database URL"),
        Wanted("nothing, or a URL such as sqlite:////data/ledger.sqlite"),
    ] = Field(default="", repr=False)
    """Empty for an SQLite file in the data folder, which is enough for one node and
    needs no care. A URL with a password belongs in the environment variable
    `EXHAUSTION_NODE__LEDGER__URL` or in `url_file`, never in the configuration."""
    url_file: Annotated[
        values.Folder | None, Unit("path"), Wanted("the path of a file in quotes")
    ] = Field(default=None, examples=["/run/secrets/ledger-url"])
    """File that holds the URL, as container platforms hand over secrets. Not set, since
    SQLite needs no secret; `url` and `url_file` exclude each other."""


class Retention(Table):
    """What is deleted from the data folder, and when; the ledger's rows stay."""

    delete_after_days: values.Days = 0
    """Days after the last change of a study after which its files are deleted, if every
    result is delivered and every archive that is asked (`destinations.confirm`) keeps
    the results and the received objects alike. 0 never deletes anything."""


class Logging(Table):
    """The log, on standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        values.LowerCase,
        Unit("choice"),
        Wanted('"debug", "info", "warning" or "error"'),
    ] = "info"
    """Least level that is written. `info` tells a line a study; no level writes names
    of patients."""
    format: Annotated[
        Literal["text", "json"],
        values.LowerCase,
        Unit("choice"),
        Wanted('"text" or "json"'),
    ] = "text"
    """`text` for people, `json` for a log collector: one object a line."""


Named = TypeVar("Named", Destination, Peer)


def _with_shipped(given: Any) -> Any:
    return {**SHIPPED_SPECIES, **given} if isinstance(given, dict) else given


class Settings(Table):
    """The whole configuration."""

    node: Node = Node()
    """The node as others on the network see it, and where it keeps its data."""
    peers: tuple[Peer, ...] = ()
    """Who may connect, from where, and with what. None by default: whoever
    `node.allowed_calling_ae_titles` lets in."""
    tls: Tls = Tls()
    """TLS: the node's certificate, and whom it believes."""
    limits: Limits = Limits()
    """What an object may demand."""
    audit_trail: AuditTrail = AuditTrail()
    """Audit messages to a repository."""
    retrieve: Retrieve = Retrieve()
    """What the node fetches by itself."""
    destinations: tuple[Destination, ...] = ()
    """Archives that get the results. None by default, as the node cannot know your
    PACS; results then only lie in the data folder."""
    suv: Suv = Suv()
    """From activity to SUV."""
    species: Annotated[dict[values.Name, Species], BeforeValidator(_with_shipped)] = (
        SHIPPED_SPECIES
    )
    """Plausible ranges by species. What you add stands beside the shipped ones; a
    shipped one is replaced under its name."""
    sources: Sources = Sources()
    """Which source of weight, activity and injection time is believed."""
    injection_log: InjectionLog = InjectionLog()
    """The site's table of animals, weights and injections."""
    animals: Animals = Animals()
    """How time points of one animal are tied together."""
    rois: Rois = Rois()
    """Which regions are scored."""
    score: Score = Score()
    """Which score model speaks, and what it may claim."""
    features: Features = Features()
    """How the feature catalogue is computed."""
    matching: Matching = Matching()
    """Which contours belong to which PET."""
    compute: Compute = Compute()
    """Worker processes."""
    retry: Retry = Retry()
    """When a failed delivery is tried again."""
    ledger: Ledger = Ledger()
    """The database."""
    retention: Retention = Retention()
    """What is deleted, and when."""
    results: Results = Results()
    """Which objects a result consists of."""
    logging: Logging = Logging()
    """The log."""

    @field_validator("destinations", "peers")
    @classmethod
    def _named_apart(cls, value: tuple[Named, ...]) -> tuple[Named, ...]:
        names = [each.name for each in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            fact = "two entries are called {names}"
            raise PydanticCustomError(
                "same_name", fact, {"names": ", ".join(map(repr, twice))}
            )
        return value

    @field_validator("destinations")
    @classmethod
    def _hold_the_source(
        cls, value: tuple[Destination, ...], info: ValidationInfo
    ) -> tuple[Destination, ...]:
        # `retrieve` stands before, and is there only when it is free of mistakes.
        retrieve = info.data.get("retrieve")
        source = "" if retrieve is None else retrieve.source
        dimse = {each.name for each in value if each.protocol == "dimse"}
        if source and source not in dimse:
            fact = "retrieve.source is {name}, which is no dimse destination"
            raise PydanticCustomError("unknown_source", fact, {"name": repr(source)})
        return value

    @field_validator("results")
    @classmethod
    def _make_what_is_sent(cls, value: Results, info: ValidationInfo) -> Results:
        for destination in info.data.get("destinations", ()):
            if "objects" not in destination.model_fields_set:
                # What it gets by default it gets as far as it is made.
                continue
            lacking = [
                name for name in destination.objects if name not in value.objects
            ]
            if lacking:
                fact = "{name} is to get {what}, which results.objects leaves out"
                told = {"name": repr(destination.name), "what": ", ".join(lacking)}
                raise PydanticCustomError("not_made", fact, told)
        return value

    @field_validator("species")
    @classmethod
    def _hold_the_chosen(
        cls, value: dict[str, Species], info: ValidationInfo
    ) -> dict[str, Species]:
        # `suv` is there only when it is free of mistakes itself.
        suv = info.data.get("suv")
        if suv is not None and suv.species not in value:
            fact = "suv.species is {name}, which is not among {known}"
            known = ", ".join(sorted(value))
            raise PydanticCustomError(
                "unknown_species", fact, {"name": repr(suv.species), "known": known}
            )
        return value

    def sent_to(self, destination: Destination) -> tuple[Kind, ...]:
        """Return what a destination gets of what is made."""
        return tuple(
            name for name in destination.objects if name in self.results.objects
        )

    @property
    def score_model_folders(self) -> tuple[Path, ...]:
        """Folders in which a site's own score models are looked for."""
        return (*self.score.model_folders, self.node.data_folder / "score_models")
