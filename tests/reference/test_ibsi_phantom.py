"""Every consensus value of IBSI 1 on the digital phantom that is claimed is met."""

import pytest

from config.feature_profiles import find_profile
from model.features.vector import FeatureVector
from tests.reference.ibsi_phantom import (
    CONFIGURATION,
    NOT_COMPUTED,
    PAGE,
    Consensus,
    claimed,
    consensus_values,
    phantom_features,
    tags_markdown,
    with_table,
    written_page,
)
from tests.support.shared import needs_shared_data

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def found() -> FeatureVector:
    return phantom_features()


@pytest.fixture(scope="module")
def published() -> dict[str, Consensus]:
    return consensus_values()


def test_the_shipped_profile_is_the_phantoms_configuration() -> None:
    assert find_profile("ibsi", []).preparation == CONFIGURATION


@needs_shared_data
@pytest.mark.parametrize("tag", sorted(claimed()))
def test_a_consensus_value_is_met(
    tag: str, found: FeatureVector, published: dict[str, Consensus]
) -> None:
    expected = published[tag]

    assert expected.met_by(found.values[tag]), (
        f"{found.values[tag]} is not {expected.value} within {expected.tolerance}"
    )


@needs_shared_data
def test_every_consensus_value_is_claimed_or_of_a_family_that_is_openly_not(
    found: FeatureVector, published: dict[str, Consensus]
) -> None:
    with_value = {tag for tag, row in published.items() if row.value is not None}
    openly_not = {tag for tag in with_value if tag.split("_")[0] in NOT_COMPUTED}

    assert set(found.values) == with_value - openly_not == claimed()


@needs_shared_data
def test_the_features_come_in_the_order_of_the_published_table(
    found: FeatureVector, published: dict[str, Consensus]
) -> None:
    assert list(found.values) == [tag for tag in published if tag in found.values]


@needs_shared_data
def test_nothing_is_undefined_on_the_phantom(found: FeatureVector) -> None:
    assert not found.undefined


@needs_shared_data
def test_the_page_says_what_is_claimed_matched_and_not_claimed() -> None:
    assert PAGE.read_text() == written_page(), "python -m tests.reference.ibsi_phantom"


def test_the_page_names_every_tag_with_its_code() -> None:
    page = PAGE.read_text()

    assert page == with_table(page, "tags", tags_markdown())
