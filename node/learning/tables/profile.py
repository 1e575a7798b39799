"""The preparation behind a table's PET features, found again and compared."""

from collections.abc import Sequence
from pathlib import Path

from config.feature_profiles import find_profile
from model.features.profile import FeatureProfile
from node.learning.tables.joined import JoinedTable
from node.learning.tables.mistake import TableError


def profile_of(table: JoinedTable, folders: Sequence[Path]) -> FeatureProfile:
    """Return the profile by which the PET features of a table were computed.

    Parameters
    ----------
    table : JoinedTable
    folders : sequence of Path
        Of a site's own score models, beside the shipped ones.

    Raises
    ------
    TableError
        When the tables name no profile, or one that has another checksum now.
    FeatureProfileError, ScoreModelError
        When there is no profile of the name.
    """
    files = ", ".join(each.name for each in table.sources if each.role == "features")
    if not table.profiles:
        fact = "it does not say by which profile its features were computed"
        remedy = "Compute them by `features --table`, or add the columns profile and "
        raise TableError.of(files, fact, f"{remedy}profile_sha256")
    ((name, checksum),) = table.profiles.items()
    profile = find_profile(name, folders)
    if checksum and profile.sha256 != checksum:
        fact = (
            f"its features are of a profile {name!r} with the checksum "
            f"{checksum[:12]}..., and the one that is here has {profile.sha256[:12]}..."
        )
        remedy = "Restore that profile, or compute the features again"
        raise TableError.of(files, fact, remedy, column="profile_sha256")
    return profile
