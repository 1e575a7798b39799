"""Settings of the network: the node itself, its archives, and patience with them."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from config import values
from config.table import Table
from config.values import Unit, Wanted


class Node(Table):
    """The node as others on the network see it, and where it keeps its data."""

    ae_title: values.AeTitle = "EXHAUSTION"
    """Application entity title under which scanners and PACS know the node. Case
    counts. It also becomes the Station Name of the results."""
    host: values.Host = "0.0.0.0"  # noqa: S104 - a scanner comes from another machine
    """Address to listen on. All of the machine's addresses by default, since scanners
    and PACS come from other machines; `127.0.0.1` for tests on one machine."""
    port: values.ListeningPort = 11112
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
    allowed_calling_ae_titles: tuple[values.AeTitle, ...] = ()
    """Who may connect. Empty lets everyone in, so that the first scanner works; list
    your scanners and PACS here: a calling AE title is all that the node asks for."""
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


class Destination(Table):
    """A PACS or another archive that gets the results; repeat the table for each."""

    name: values.Name = Field(examples=["pacs"])
    """How commands and logs call it. Deliveries remember it, so do not change it."""
    ae_title: values.AeTitle = Field(examples=["PACS"])
    """The archive's application entity title."""
    host: values.Host = Field(examples=["pacs.example.org"])
    """The archive's host name or IP address."""
    port: values.Port = Field(examples=[104])
    """The archive's TCP port, for many 104 or 11112."""
    objects: Annotated[
        tuple[Literal["sr", "parametric_map"], ...],
        Field(min_length=1),
        Unit("list"),
        Wanted('some of ["sr", "parametric_map"]'),
    ] = ("sr", "parametric_map")
    """What it gets: the structured report, the maps, or both. Leave out what an archive
    does not take; older ones refuse Parametric Map Storage."""
    connection_timeout_s: values.Seconds = 10.0
    """Wait for the TCP connection. Short, since an archive that is up answers at once
    and one that is down is tried again."""
    acse_timeout_s: values.Seconds = 30.0
    """Wait for the archive while an association is opened or closed."""
    dimse_timeout_s: values.Seconds = 60.0
    """Wait for the answer to an object: busy archives answer late."""


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
