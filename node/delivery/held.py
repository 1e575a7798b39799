"""What a destination says that it holds now, whatever protocol it speaks."""

from collections.abc import Sequence

from dicom_io.source_reference import SourceReference
from node.association import query
from node.association.requestor import Destination
from node.delivery import dicomweb
from node.delivery.dicomweb import WebDestination


def held_at(
    destination: Destination | WebDestination, items: Sequence[SourceReference]
) -> frozenset[str]:
    """Return the SOP Instance UIDs that an archive says it holds, out of those named.

    Parameters
    ----------
    destination : Destination or WebDestination
        Asked by C-FIND or by QIDO-RS.
    items : sequence of SourceReference

    Raises
    ------
    PeerUnavailableError
    PeerRefusesError
    """
    if isinstance(destination, WebDestination):
        return dicomweb.held_instances(destination, items)
    return query.held_instances(destination, items)
