"""The short way of an object from its PDUs to the sink and back to its sender.

::

    P-DATA-TF --> PDVs --> command set, data set --> store --> C-STORE-RSP

Design choice: only C-STORE requests go this way. Every other message is handed to
pynetdicom fragment by fragment, as it came.

Design choice: a request that lacks what it must have (PS3.7 9.3.1.1) is answered where
that can be done, and what it sends is read to its end. Without a message ID, or in a
context that was not accepted, no answer could be understood: that ends the association.

Design choice: a data set's bytes are not decoded. They are gathered (`gathering`), and
are the bytes that are hashed and written.

Design choice: pynetdicom serves a message by the class that the message names, in
whatever context it came, and fails on an operation that the class does not have. So
both are looked at here, and a peer that mixes them up is cut off.

Design choice: one process receives for all associations. What is slow in receiving, to
hash, to write, to fsync and to commit, leaves Python's lock alone, so that threads
overlap there; processes would need a ledger writer of their own each, which SQLite
does not give, and the commits of several associations could not be one.
"""

import logging

from pynetdicom.association import Association
from pynetdicom.dimse_messages import _MESSAGE_TYPES
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.pdu_primitives import P_DATA

from node.association.incoming import (
    NO_DATA_SET,
    NO_ROOM,
    Answered,
    Incoming,
    LaneServices,
    Whole,
    refusal_of,
)
from node.association.pdu_reader import PduRefusedError
from node.association.store_messages import (
    Command,
    CommandError,
    command_field,
    has_data_set,
    is_store_request,
    named_class,
    read_command,
    store_request,
    store_response,
)

_log = logging.getLogger(__name__)

_HEADERS_SIZE = 2
"""Context identifier and message control header (PS3.8 9.3.5.1, annex E.2)."""
_COMMAND_BIT = 0x01
_LAST_BIT = 0x02
_LAST_OF_COMMAND = b"\x03"
_COMMAND_LIMIT = 1 << 16
_OTHERS = 16 << 20
"""Bytes of a data set that is no object: a query's keys, a commitment's references."""
_COMMENT_LIMIT = 64
"""Characters of *Error Comment* (0000,0902), VR LO."""

_RESPONSE_BIT = 0x8000
_OPERATIONS = {
    "1.2.840.10008.1.1": frozenset({0x0030}),
    "1.2.840.10008.1.20.1": frozenset({0x0100, 0x0130}),
}
"""Of classes beside those of storage (PS3.7 E.1): of Verification C-ECHO, of Storage
Commitment N-EVENT-REPORT and N-ACTION."""
_RESPONSES = {"1.2.840.10008.1.20.1": frozenset({0x8100})}
"""To what is asked on a peer's own association: N-EVENT-REPORT."""


class StoreLane:
    """Takes an association's data; has objects stored, and answers.

    Parameters
    ----------
    association : Association
        Accepted, with a `node.association.upper_layer.WakingDul`.
    services : LaneServices
    """

    def __init__(self, association: Association, services: LaneServices) -> None:
        self._association = association
        self._services = services
        self._command: list[memoryview] = []
        self._command_size = 0
        self._incoming: Incoming | None = None
        self._other_size: int | None = None
        self._pdu_limit: int | None = None

    @property
    def under_way(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._command) or self._in_data_set

    @property
    def _in_data_set(self) -> bool:
        return self._incoming is not None or self._other_size is not None

    def take(self, body: bytes | bytearray) -> list[P_DATA_TF]:
        """Take the body of a P-DATA-TF; return the fragments that are pynetdicom's.

        Raises
        ------
        PduRefusedError
            Fragments do not follow PS3.8 annex E.
        """
        others: list[P_DATA_TF] = []
        view = memoryview(body)
        place = 0
        while place < len(view):
            length = int.from_bytes(view[place : place + 4], "big")
            end = place + 4 + length
            if length < _HEADERS_SIZE or end > len(view):
                fact = "a presentation data value that does not fit into its PDU"
                raise PduRefusedError(fact)
            context_id, control = view[place + 4], view[place + 5]
            others += self._fragment(context_id, control, view[place + 6 : end])
            place = end
        return others

    def _fragment(
        self, context_id: int, control: int, piece: memoryview
    ) -> list[P_DATA_TF]:
        is_last = bool(control & _LAST_BIT)
        if control & _COMMAND_BIT:
            return self._command_fragment(context_id, piece, is_last=is_last)
        if self._incoming is not None:
            self._data_fragment(self._incoming, context_id, piece, is_last=is_last)
            return []
        return self._other_fragment(context_id, piece, is_last=is_last)

    def _command_fragment(
        self, context_id: int, piece: memoryview, *, is_last: bool
    ) -> list[P_DATA_TF]:
        self._command.append(piece)
        self._command_size += len(piece)
        if self._in_data_set or self._command_size > _COMMAND_LIMIT:
            fact = "a command set within a data set, or without an end"
            raise PduRefusedError(fact)
        if not is_last:
            return []
        encoded = b"".join(self._command)
        self._command.clear()
        self._command_size = 0
        command = _read(encoded)
        if is_store_request(command):
            self._begin(self._begun(command, context_id), has_data_set(command))
            return []
        self._require_served(command, context_id)
        if has_data_set(command):
            self._other_size = 0
        return [_data_unit(context_id, _LAST_OF_COMMAND + encoded)]

    def _require_served(self, command: Command, context_id: int) -> None:
        """Refuse an operation that the class of its context does not have."""
        operation = command_field(command)
        context = self._association._accepted_cx.get(context_id)  # noqa: SLF001 - as above
        sop_class = "" if context is None else str(context.abstract_syntax)
        if operation & _RESPONSE_BIT:
            # One with the elements of a request is served by pynetdicom as if it were.
            is_served = operation in _RESPONSES.get(sop_class, ())
        else:
            is_served = operation in _OPERATIONS.get(sop_class, ())
            is_served = is_served and named_class(command) == sop_class
        if not is_served:
            fact = f"operation 0x{operation:04X} is not served in its context"
            raise PduRefusedError(fact)

    def _begun(self, command: Command, context_id: int) -> Incoming:
        """Return an object whose data set is to come."""
        request = store_request(command)
        contexts = self._association._accepted_cx  # noqa: SLF001 - a copy is sorted
        context = contexts.get(context_id)
        if request is None or context is None or not context.transfer_syntax:
            fact = "a C-STORE that no answer could name, or in no accepted context"
            raise PduRefusedError(fact)
        refusal = refusal_of(request, str(context.abstract_syntax))
        syntax = str(context.transfer_syntax[0])
        return Incoming(request, context_id, syntax, refusal)

    def _begin(self, incoming: Incoming, has_data: bool) -> None:  # noqa: FBT001
        if has_data:
            self._incoming = incoming
        else:
            incoming.refusal = incoming.refusal or NO_DATA_SET
            self._finish(incoming)

    def _data_fragment(
        self, incoming: Incoming, context_id: int, piece: memoryview, *, is_last: bool
    ) -> None:
        if context_id != incoming.context_id:
            fact = "a data set in another presentation context than its command"
            raise PduRefusedError(fact)
        incoming.add(piece, self._services)
        if is_last:
            self._incoming = None
            self._finish(incoming)

    def _other_fragment(
        self, context_id: int, piece: memoryview, *, is_last: bool
    ) -> list[P_DATA_TF]:
        if self._other_size is None:
            fact = "a data set without a command"
            raise PduRefusedError(fact)
        self._other_size += len(piece)
        if self._other_size > _OTHERS:
            fact = f"a data set of more than {_OTHERS} bytes"
            raise PduRefusedError(fact)
        if is_last:
            self._other_size = None
        control = bytes([_LAST_BIT if is_last else 0])
        return [_data_unit(context_id, control + bytes(piece))]

    def _finish(self, incoming: Incoming) -> None:
        """Have an object stored, and answer in one segment."""
        dul = self._association.dul
        dul._idle_timer.stop()  # noqa: SLF001 - the peer waits for us, not we for it
        answer = self._answer(incoming)
        response = store_response(
            incoming.request,
            answer.status,
            answer.comment[:_COMMENT_LIMIT],
            incoming.context_id,
            self._peers_pdu_limit(),
        )
        if dul.socket is not None:
            dul.socket.send(response)
        dul._idle_timer.restart()  # noqa: SLF001

    def _peers_pdu_limit(self) -> int:
        """Return what the peer accepts in a PDU; pynetdicom decodes it each time."""
        if self._pdu_limit is None:
            self._pdu_limit = self._association.requestor.maximum_length or 0
        return self._pdu_limit

    def _answer(self, incoming: Incoming) -> Answered:
        request, services = incoming.request, self._services
        if incoming.refusal is not None:
            return services.refuse(request, *incoming.refusal)
        try:
            dataset = incoming.content(services)
        except OSError as failure:
            _log.error("an object cannot be kept: %s", failure)
            return services.refuse(request, *NO_ROOM)
        return services.store(Whole(request, incoming.transfer_syntax_uid, dataset))


def _read(encoded: bytes) -> Command:
    """Return a command set of a message that pynetdicom knows."""
    try:
        command = read_command(encoded)
        known = command_field(command) in _MESSAGE_TYPES
        has_data_set(command)
    except CommandError as error:
        fact = f"a command set that cannot be read: {error}"
        raise PduRefusedError(fact) from error
    if not known:
        fact = "a command that DICOM does not know"
        raise PduRefusedError(fact)
    return command


def _data_unit(context_id: int, value: bytes) -> P_DATA_TF:
    primitive = P_DATA()
    primitive.presentation_data_value_list.append((context_id, value))
    return P_DATA_TF(primitive)
