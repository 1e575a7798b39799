"""Importing matplotlib where nothing may be written, and without a search for fonts.

When it is imported, matplotlib wants a folder for its settings, warns where it cannot
make one, and searches the machine for fonts, which takes seconds and makes a figure
depend on the machine. Here it finds a folder that holds an empty file of settings and a
list of the one typeface that it ships itself; the folder is gone when it is imported.

Design choice: the folder is told through the environment, since matplotlib listens to
nothing else at that time. Both variables are put back at once.

Design choice: a list of a layout that a later matplotlib does not know costs only the
search for fonts, not the import; a test notices.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_LAYOUT = "3.11.0"
"""Layout of matplotlib's list of fonts; `FontManager.__version__`."""
FAMILY = "DejaVu Sans"
_FACES = (
    ("DejaVuSans.ttf", FAMILY, "normal", 400),
    ("DejaVuSans-Bold.ttf", FAMILY, "normal", 700),
    ("DejaVuSans-Oblique.ttf", FAMILY, "oblique", 400),
    ("DejaVuSans-BoldOblique.ttf", FAMILY, "oblique", 700),
    ("DejaVuSansMono.ttf", "DejaVu Sans Mono", "normal", 400),
    ("DejaVuSansDisplay.ttf", "DejaVu Sans Display", "normal", 400),
)
"""File in matplotlib's own folder, family, style and weight."""


@contextmanager
def _home() -> Iterator[None]:
    with TemporaryDirectory(prefix="matplotlib-") as folder:
        home = Path(folder)
        (home / "matplotlibrc").write_text("", encoding="utf-8")
        fonts = home / f"fontlist-v{_LAYOUT}.json"
        fonts.write_text(json.dumps(_font_list()), encoding="utf-8")
        wanted = {"MPLCONFIGDIR": folder, "MATPLOTLIBRC": str(home / "matplotlibrc")}
        environment = os.environ  # noqa: TID251 - matplotlib can be told in no other way
        before = {name: environment.get(name) for name in wanted}
        environment.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    environment.pop(name, None)
                else:
                    environment[name] = value


def _font_list() -> dict[str, Any]:
    return {
        "__class__": "FontManager",
        "_version": _LAYOUT,
        "_FontManager__default_weight": "normal",
        "default_size": None,
        "defaultFamily": {"ttf": FAMILY, "afm": "Helvetica"},
        "afmlist": [],
        "ttflist": [
            {
                "__class__": "FontEntry",
                "fname": f"fonts/ttf/{file}",
                "index": 0,
                "name": family,
                "style": style,
                "variant": "normal",
                "weight": weight,
                "stretch": "normal",
                "size": "scalable",
            }
            for file, family, style, weight in _FACES
        ],
    }


with _home():
    import matplotlib as mpl
    from matplotlib import font_manager


def font_file(name: str) -> str:
    """Return where a font file of matplotlib's own lies.

    Parameters
    ----------
    name : str
        For example ``DejaVuSans.ttf``.
    """
    return str(Path(mpl.get_data_path(), "fonts", "ttf", name))


def fonts_known() -> tuple[str, ...]:
    """Return the files of all fonts that figures can be set in."""
    return tuple(
        sorted(Path(entry.fname).name for entry in font_manager.fontManager.ttflist)
    )
