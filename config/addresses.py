"""Kinds of configured values that say where something is on the network."""

import string
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, Field, Strict
from pydantic_core import PydanticCustomError

from config.values import Unit, Wanted

AE_TITLE_LENGTH = 16
"""Longest application entity title (PS3.5 section 6.2, VR AE)."""


def _ae_title(value: str) -> str:
    title = value.strip(" ")
    printable = set(string.printable) - set("\\\t\n\r\x0b\x0c")
    if not 1 <= len(title) <= AE_TITLE_LENGTH or not set(title) <= printable:
        raise PydanticCustomError("ae_title", "not an application entity title")
    return title


def _network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError:
        code, fact = "network", "not an IP address or network"
        raise PydanticCustomError(code, fact) from None
    return value


AeTitle = Annotated[
    str,
    Strict(),
    AfterValidator(_ae_title),
    Unit("AE title"),
    Wanted("1 to 16 characters of ASCII in quotes, without a backslash"),
]

Host = Annotated[
    str,
    Strict(),
    Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:-]+$"),
    Unit("host"),
    Wanted('a host name or an IP address in quotes, for example "192.168.10.5"'),
]

OptionalHost = Annotated[
    str,
    Strict(),
    Field(max_length=253, pattern=r"^[A-Za-z0-9._:-]*$"),
    Unit("host"),
    Wanted("a host name or an IP address in quotes, or nothing"),
]

Port = Annotated[
    int,
    Strict(),
    Field(ge=1, le=65535),
    Unit("TCP port"),
    Wanted("a whole number from 1 to 65535, for example 11112"),
]

OptionalPort = Annotated[
    int,
    Strict(),
    Field(ge=0, le=65535),
    Unit("TCP port"),
    Wanted("a whole number from 0 to 65535"),
]

ListeningPort = Annotated[
    int,
    Strict(),
    Field(ge=0, le=65535),
    Unit("TCP port"),
    Wanted("a whole number from 1 to 65535, for example 11112"),
]

Network = Annotated[
    str,
    Strict(),
    AfterValidator(_network),
    Unit("IP network"),
    Wanted('an address or a network in quotes, for example "192.168.10.0/24"'),
]

Url = Annotated[
    str,
    Strict(),
    Field(max_length=2048, pattern=r"^(https?://[^\s?#@]+)?$"),
    Unit("URL"),
    Wanted("nothing, or an http(s) URL without a user, a query or a fragment"),
]
