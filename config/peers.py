"""Settings of the network: the node, who calls it, its archives, and patience."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from config import values
from config.addresses import (
    AeTitle,
    Host,
    ListeningPort,
    Network,
    OptionalHost,
    OptionalPort,
    Port,
    Url,
)
from config.results import SENT, Kinds
from config.table import Table
from config.values import Unit, Wanted


class Node(Table):
    """The node as others on the network see it, and where it keeps its data."""

    ae_title: AeTitle = "EXHAUSTION"
    """Application entity title under which scanners and PACS know the node. Case
    counts. It also becomes the Station Name of the results."""
    host: Host = "0.0.0.0"  # noqa: S104 - a scanner comes from another machine
    """Address to listen on. All of the machine's addresses by default, since scanners
    and PACS come from other machines; `127.0.0.1` for tests on one machine."""
    port: ListeningPort = 11112
    """TCP port to listen on. 11112 is the registered DICOM port that needs no
    privileges, unlike 104. 0 takes any free port, which is of use in tests only."""
    data_folder: values.Folder = Path("/var/lib/exhaustion-node")
    """Where received objects, results and the ledger lie, on a local file system with
    room for your studies. Everything that the node must not lose is in here: back it
    up. A site's own score models lie in its folder `score_models`."""
    timezone: values.TimeZone = "UTC"
    """Time zone of dates and times in objects that state none: the scanner's. An
    Inveon states it with the injection. UTC, since any other default would be a guess;
    a wrong zone makes a wrong decay, and so a wrong SUV."""
    institution_name: values.Text = ""
    """Institution Name in the result objects. Empty leaves it out."""
    uid_root: values.UidRoot = "2.25"
    """Prefix of the UIDs of results. 2.25 is free for everyone (PS3.5 B.2); enter your
    own registered root if your PACS insists on one."""
    allowed_calling_ae_titles: tuple[AeTitle, ...] = ()
    """Who may connect by title alone. Empty lets everyone in, unless there are
    `[[peers]]`, which also know addresses and what each may send. An AE title is no
    proof of anything; see `[tls]` for that."""
    require_called_ae_title: values.YesOrNo = True
    """Whether a peer must call the node by `ae_title`. True, since a peer that calls
    another name is misconfigured and had better learn it at once."""
    maximum_associations: values.Count = 100
    """Associations at a time. High, because a rejected scanner has to try again, and
    not every scanner does."""
    maximum_pdu_bytes: values.Bytes = 131072
    """Largest protocol data unit that peers may send. Larger ones mean fewer reads per
    slice; DICOM's customary 16384 is slow for CT."""
    network_timeout_s: values.Seconds = 60.0
    """Silence after which a connection counts as lost."""
    acse_timeout_s: values.Seconds = 30.0
    """Wait for a peer while an association is opened or closed."""
    dimse_timeout_s: values.Seconds = 60.0
    """Wait for a peer in the middle of a message."""


class Peer(Table):
    """A scanner, workstation or PACS that may connect; repeat the table for each."""

    name: values.Name = Field(examples=["inveon"])
    """How logs and the audit trail call it."""
    ae_title: AeTitle = Field(examples=["INVEON"])
    """Its calling application entity title."""
    addresses: Annotated[
        tuple[Network, ...],
        Unit("list of IP networks"),
        Wanted('a list of addresses or networks, for example ["192.168.10.5"]'),
    ] = ()
    """Where it connects from. Empty for any address: a title alone is easily taken by
    another machine."""
    objects: Annotated[
        tuple[Literal["pet", "ct", "contours", "context", "results"], ...],
        Field(min_length=1),
        Unit("list"),
        Wanted('some of ["pet", "ct", "contours", "context", "results"]'),
    ] = ("pet", "ct", "contours", "context", "results")
    """What it may send: PET, CT, contours (structure sets, segmentations,
    registrations), Acquisition Context, and results that a PACS routes back."""
    associations: values.Count = 32
    """Associations that it may have open at a time; more are rejected for the moment,
    so that one peer cannot take all of `node.maximum_associations`."""
    objects_per_second: values.OptionalCount = 0
    """Objects that are taken from it in a second on average; faster ones are answered
    later, which slows the sender down and loses nothing. 0 for no limit."""
    port: OptionalPort = 0
    """Where it listens, for the answer to a storage commitment that it asked for. 0
    when it never asks, or takes the answer on its own association."""
    host: OptionalHost = ""
    """Where it listens; empty for the address that it called from."""
    tls: values.YesOrNo = False
    """Whether it is called over TLS for that answer, by the settings of `[tls]`."""


class Destination(Table):
    """A PACS or another archive that gets the results; repeat the table for each."""

    name: values.Name = Field(examples=["pacs"])
    """How commands and logs call it. Deliveries remember it, so do not change it."""
    protocol: Annotated[
        Literal["dimse", "dicomweb"],
        values.LowerCase,
        Unit("choice"),
        Wanted('"dimse" or "dicomweb"'),
    ] = "dimse"
    """`dimse` for C-STORE, which every archive knows; `dicomweb` for STOW-RS, which
    goes where only HTTP does."""
    ae_title: Annotated[AeTitle | None, Unit("AE title")] = Field(
        default=None, validate_default=True, examples=["PACS"]
    )
    """The archive's application entity title; needed for `dimse`."""
    host: Annotated[Host | None, Unit("host")] = Field(
        default=None, validate_default=True, examples=["pacs.example.org"]
    )
    """The archive's host name or IP address; needed for `dimse`."""
    port: Annotated[Port | None, Unit("TCP port")] = Field(
        default=None, validate_default=True, examples=[104]
    )
    """The archive's TCP port, for many 104 or 11112; needed for `dimse`."""
    url: Url = Field(
        default="",
        validate_default=True,
        examples=["https://pacs.example.org/dicom-web"],
    )
    """Where the archive's DICOMweb services lie; needed for `dicomweb`."""
    user: values.Text = ""
    """Who the node is to the archive, for HTTP basic authentication. Empty for none."""
    password_file: Annotated[
        values.Folder | None, Unit("path"), Wanted("the path of a file in quotes")
    ] = Field(default=None, examples=["/run/secrets/pacs-password"])
    """File that holds the user's password."""
    token_file: Annotated[
        values.Folder | None, Unit("path"), Wanted("the path of a file in quotes")
    ] = Field(default=None, examples=["/run/secrets/pacs-token"])
    """File that holds a bearer token, instead of a user; it is read for each call, so
    that it may be renewed."""
    tls: values.YesOrNo = False
    """Whether C-STORE goes over TLS, by the settings of `[tls]`. An https URL always
    does."""
    confirm: Annotated[
        Literal["no", "commitment", "query"],
        values.LowerCase,
        Unit("choice"),
        Wanted('"no", "commitment" or "query"'),
    ] = "no"
    """Whether the archive is asked if it keeps what it took. `commitment` by Storage
    Commitment, and by a query where no answer comes; `query` by C-FIND (QIDO-RS for
    `dicomweb`) alone. Retention needs it. No by default, as a commitment's answer comes
    back to the node, which the archive has to be told how to reach."""
    confirm_within_s: values.Seconds = 300.0
    """Wait for the answer to a commitment request before the archive is queried, or
    asked again."""
    objects: Kinds = SENT
    """What it gets of what is made (`results.objects`). By default all but what is for
    a few readers: the report with segments (for 3D Slicer and the like), the Key Object
    Selection and the blending; and nothing that is not made. Leave out what an archive
    does not take; older ones refuse Parametric Map Storage."""
    connection_timeout_s: values.Seconds = 10.0
    """Wait for the TCP connection. Short, since an archive that is up answers at once
    and one that is down is tried again."""
    acse_timeout_s: values.Seconds = 30.0
    """Wait for the archive while an association is opened or closed."""
    dimse_timeout_s: values.Seconds = 60.0
    """Wait for the answer to an object: busy archives answer late."""

    @field_validator("ae_title", "host", "port", "url")
    @classmethod
    def _needed_by_its_protocol(cls, value: Any, info: ValidationInfo) -> Any:
        # Told key by key, like everything else that is missing.
        protocol = info.data.get("protocol")
        needed = "dicomweb" if info.field_name == "url" else "dimse"
        if not value and protocol == needed:
            code, fact = "missing", "is missing"
            raise PydanticCustomError(code, fact)
        return value


class Retrieve(Table):
    """What the node fetches by itself: images and contours that it was not sent."""

    source: values.OptionalName = ""
    """Name of the destination that is asked by query and retrieve (C-FIND, C-GET or
    C-MOVE). Empty: the node waits for what is sent to it."""
    method: Annotated[
        Literal["get", "move"],
        values.LowerCase,
        Unit("choice"),
        Wanted('"get" or "move"'),
    ] = "get"
    """`get` brings objects over the node's own association, through firewalls; `move`
    has the archive send them, which must then know the node by its AE title."""
    interval_s: values.Seconds = 60.0
    """Between two questions for something that is not there yet, such as contours that
    someone is still drawing. It grows by `[retry]` while nothing comes."""
    give_up_after_days: values.Days = 30
    """How long is asked for contours and missing images; the study then says so. 0 for
    ever."""
    earlier_studies: values.YesOrNo = False
    """Whether earlier studies of the same Patient ID are fetched as well, so that a
    scan finds the animal's earlier time points. False, since it may be much."""


class Retry(Table):
    """When a delivery that failed for a passing reason is tried again: for ever."""

    first_delay_s: values.Seconds = 5.0
    """Delay after the first failure. Short, since most are a restart of the archive."""
    factor: values.Factor = 2.0
    """Growth from one delay to the next."""
    maximum_delay_s: values.Seconds = 600.0
    """Longest delay. Results are there ten minutes after the archive is back."""
    alarm_after: values.Count = 10
    """Failed attempts from which on each further one is logged as an error. With the
    defaults that is after half an hour."""

    @field_validator("maximum_delay_s")
    @classmethod
    def _not_below_the_first(cls, value: float, info: ValidationInfo) -> float:
        if value < info.data.get("first_delay_s", 0):
            raise PydanticCustomError("delays", "below first_delay_s")
        return value
