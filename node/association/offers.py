"""What a peer accepts, tried by an association that sends nothing but a C-ECHO."""

from collections.abc import Sequence

from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import build_context

from node.association.requestor import Destination, associate, close

_VERIFICATION = "1.2.840.10008.1.1"


def accepted_of(destination: Destination, sop_classes: Sequence[str]) -> frozenset[str]:
    """Return the SOP classes that a peer accepts in Explicit VR Little Endian.

    Parameters
    ----------
    destination : Destination
    sop_classes : sequence of str
        UIDs; fewer than 128.

    Raises
    ------
    PeerUnavailableError, PeerRefusesError
        No association at all; a peer that accepts none of the classes still verifies.
    """
    names = dict.fromkeys((_VERIFICATION, *sop_classes))
    association = associate(
        destination, [build_context(name, ExplicitVRLittleEndian) for name in names]
    )
    try:
        return frozenset(
            str(context.abstract_syntax) for context in association.accepted_contexts
        ) & frozenset(sop_classes)
    finally:
        close(association)
