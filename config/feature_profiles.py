"""Feature profiles: the shipped ones, a score model as one, and files of one's own.

The layout of a file and its rules are `config.feature_profile_file`.

Design choice: what is looked for is a shipped profile, else a score model, whose
preparation then holds, else, where it ends with ``.toml``, a file of either kind. A
name never means a file, so that what a name stands for does not hang on the folder in
which somebody works.
"""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from config.checked_document import DocumentError, parsed, text_of
from config.feature_profile_file import FeatureProfileError, parse_feature_profile
from config.score_model_file import parse_score_model
from config.score_models import (
    NoSuchScoreModelError,
    find_score_model,
    shipped_score_models,
)
from model.features.profile import FeatureProfile
from model.score.score_model import ScoreModel

__all__ = ["FeatureProfileError", "find_profile", "shipped_profiles"]

_SUFFIX = ".toml"
_OF_SCORE_MODELS = "coefficients"


def shipped_profiles() -> dict[str, FeatureProfile]:
    """Return the feature profiles that come with this software, by name."""
    folder = resources.files("config") / "feature_profiles"
    files = (file for file in folder.iterdir() if file.name.endswith(_SUFFIX))
    profiles = [parse_feature_profile(text_of(file), file.name) for file in files]
    return {profile.name: profile for profile in sorted(profiles, key=lambda p: p.name)}


def find_profile(
    name_or_path: str, score_model_folders: Sequence[Path] = ()
) -> FeatureProfile:
    """Return the feature profile of a name or a file.

    Parameters
    ----------
    name_or_path : str
        A shipped profile, or a score model with or without version; or the path of a
        file of either kind, ending with ``.toml``.
    score_model_folders : sequence of Path
        A site's own score models, beside the shipped ones.

    Returns
    -------
    FeatureProfile
        Of a score model with its preparation, its name and version, and its checksum;
        the features are those of the image's modality.

    Raises
    ------
    FeatureProfileError
        When there is none of that name (the message lists those that there are), or
        when the file is faulty.
    ScoreModelError
        When it is a score model and faulty.
    """
    if name_or_path.endswith(_SUFFIX):
        return _read(Path(name_or_path))
    profiles = shipped_profiles()
    if name_or_path in profiles:
        return profiles[name_or_path]
    try:
        model = find_score_model(name_or_path, score_model_folders)
    except NoSuchScoreModelError as error:
        raise _none_of(name_or_path, profiles, score_model_folders) from error
    return _as_profile(model)


def _read(path: Path) -> FeatureProfile:
    source = str(path)
    try:
        text = text_of(path)
        content = parsed(text)
    except DocumentError as error:
        raise FeatureProfileError(source, [error.fact], error.remedy) from error
    if _OF_SCORE_MODELS in content:
        return _as_profile(parse_score_model(text, source))
    return parse_feature_profile(text, source)


def _as_profile(model: ScoreModel) -> FeatureProfile:
    name = f"{model.name}-{model.version}"
    return FeatureProfile(name, model.title, model.preparation, None, model.sha256)


def _none_of(
    name: str, profiles: dict[str, FeatureProfile], folders: Sequence[Path]
) -> FeatureProfileError:
    places = ", ".join(str(folder) for folder in folders) or "no other folder"
    mistakes = [
        "no such feature profile or score model",
        f"shipped profiles are {', '.join(profiles)}",
        f"shipped score models are {', '.join(shipped_score_models())}",
        f"searched {places}",
    ]
    remedy = f"Correct the name, or give the path of a file that ends with {_SUFFIX}."
    return FeatureProfileError(name, mistakes, remedy)
