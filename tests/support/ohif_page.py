"""OHIF as a person uses it in a browser, and what is seen there, as words and colours.

Design choice: what happens is done as a person would, with the mouse on what is shown;
where on the screen a point of the patient lies is asked of the viewer, since only it
knows. Nothing waits for a fixed time: what is expected is looked for until it is there.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

from tests.support.ohif import BUILD
from tests.support.tools import require_tool

PICTURES = BUILD / "viewers"
PATIENCE_S = 40.0
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZE = {"width": 1400, "height": 900}
# The viewer introduces itself to whom it meets for the first time.
KNOWN = "localStorage.setItem('shownTours', JSON.stringify(['basicViewerTour']))"
ACTIVE = """
const active = services.viewportGridService.getState().activeViewportId;
const viewport = services.cornerstoneViewportService.getCornerstoneViewport(active);
"""

Seen = TypeVar("Seen")
Points = Sequence[Sequence[float]] | NDArray[np.float64]


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """Open a browser that nobody has used; give its page."""
    program = require_tool("chromium")
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=program, args=list(FLAGS), viewport=SIZE
        )
        context.add_init_script(KNOWN)
        context.set_default_timeout(1000 * PATIENCE_S)
        try:
            yield context.pages[0]
        finally:
            context.close()


def eventually(look: Callable[[], Seen], holds: Callable[[Seen], bool]) -> Seen:
    """Look until what is seen holds; return what was seen last, whether it does or not.

    The assertion about it is the caller's, so that its failure shows what was seen.
    """
    deadline = time.monotonic() + PATIENCE_S
    seen = look()
    while not holds(seen) and time.monotonic() < deadline:
        time.sleep(0.1)
        seen = look()
    return seen


class OhifPage:
    """The viewer in a page of a browser.

    Parameters
    ----------
    page : Page
    address : str
        Where the viewer is served.
    """

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._address = address

    def study_list(self) -> str:
        """Return what the list of studies says."""
        self._page.goto(f"{self._address}/")
        self._page.get_by_text("Instances").first.wait_for()
        return eventually(
            lambda: self._page.inner_text("body"), lambda text: "Phantom" in text
        )

    def open_study(self, uid: str) -> None:
        """Open a study, and wait until an image of it is shown."""
        self._page.goto(f"{self._address}/viewer?StudyInstanceUIDs={uid}")
        self._page.wait_for_function(
            # The viewer's own parts are not ready at first, and say so by errors.
            f"() => {{ try {{ {ACTIVE} return Boolean(viewport.getCurrentImageId()); }}"
            " catch { return false; } }"
        )

    def panel(self) -> str:
        """Return what the panel of series says."""
        return self._page.inner_text("body")

    def open_series(self, number: int) -> None:
        """Open a series as a person does: by a double click on it."""
        self._page.get_by_text(f"S:{number}", exact=True).first.dblclick()

    def open_series_called(self, description: str) -> None:
        """Open a series by its description, where numbers are not of one only."""
        self._page.get_by_text(description).first.dblclick()

    def add_as_layer(self, number: int) -> None:
        """Lay a series over what is shown, by the menu of the series."""
        item = self._page.locator("[data-cy^='study-browser-thumbnail']").filter(
            has=self._page.get_by_text(f"S:{number}", exact=True)
        )
        item.hover()
        item.locator("button:has(svg circle)").first.click()
        self._page.get_by_text("Add as Layer").click()

    def confirm(self, question: str) -> None:
        """Answer the viewer's question with yes."""
        self._page.get_by_text(question).first.wait_for()
        self._page.get_by_text("Yes", exact=True).first.click()

    def complaints(self) -> list[str]:
        """Return what the viewer complains about in notices."""
        return self._page.locator("[data-sonner-toast]").all_inner_texts()

    def show_slice_through(self, point: Sequence[float]) -> None:
        """Show the slice through a point, then scroll one on and back, as a person.

        The viewer draws annotations of a slice only when it is come to.
        """
        self._page.wait_for_function(
            f"(point) => {{ try {{ {ACTIVE} return viewport.jumpToWorld(point); }}"
            " catch { return false; } }",
            arg=list(point),
        )
        there = self.slice_index()
        pane = self.pane().bounding_box()
        assert pane is not None
        self._page.mouse.move(pane["x"] + 60, pane["y"] + pane["height"] / 2)
        for step in (1, -1):
            before = self.slice_index()
            self._page.mouse.wheel(0, 100 * step)
            eventually(self.slice_index, lambda index, old=before: index != old)
        assert eventually(self.slice_index, lambda index: index == there) == there

    def slice_index(self) -> int:
        """Return the number of the slice that is shown."""
        return int(
            self._page.evaluate(
                f"() => {{ {ACTIVE} return viewport.getSliceIndex(); }}"
            )
        )

    def shown_image(self) -> str:
        """Return where the viewer has the image from that it shows."""
        return str(
            self._page.evaluate(
                f"() => {{ {ACTIVE} return viewport?.getCurrentImageId?.() ?? ''; }}"
            )
        )

    def window(self) -> tuple[float, float]:
        """Return the values that are shown as black and as white."""
        shown = self._page.evaluate(
            f"() => {{ {ACTIVE} return viewport.getProperties().voiRange; }}"
        )
        return float(shown["lower"]), float(shown["upper"])

    def labels(self) -> str:
        """Return what is written over the image."""
        return "\n".join(self._page.locator("svg text, svg tspan").all_text_contents())

    def pane(self) -> Locator:
        """Return the part of the page where images are shown."""
        return self._page.locator(".cornerstone-viewport-element").first

    def colours(self, points: Points) -> NDArray[np.uint8]:
        """Return the colour that is shown at each point of the patient.

        Parameters
        ----------
        points : array_like, shape (points, 3)
            LPS, mm.

        Returns
        -------
        ndarray of uint8, shape (points, 3)
            Red, green, blue.
        """
        return self._at(np.asarray(points, float), "point => point")

    def pixel_colours(self, pixels: Points) -> NDArray[np.uint8]:
        """Return the colour that is shown at each pixel of an image.

        Parameters
        ----------
        pixels : array_like, shape (pixels, 2)
            Column and row.

        Returns
        -------
        ndarray of uint8, shape (pixels, 3)
            Red, green, blue.
        """
        indices = np.pad(np.asarray(pixels, float), ((0, 0), (0, 1)))
        image = "viewport.getImageData().imageData"
        return self._at(indices, f"index => {image}.indexToWorld(index)")

    def document(self) -> NDArray[np.uint8]:
        """Return the page of a document that is shown, by its white paper."""
        self._page.locator("object[type='application/pdf']").wait_for()
        pane = self._page.locator("object[type='application/pdf']").bounding_box()
        assert pane is not None
        # Right of small pictures of the pages.
        left, top = int(pane["x"] + 0.28 * pane["width"]), int(pane["y"])
        seen = self.picture()[top:, left:]
        white = (seen == 255).all(axis=-1)
        rows, columns = (
            np.flatnonzero(white.mean(axis) > share)
            for axis, share in ((1, 0.3), (0, 0.1))
        )
        if not rows.size:
            return np.zeros((0, 0, 3), np.uint8)
        return seen[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    def picture(self) -> NDArray[np.uint8]:
        """Return the page as it is seen, shape (rows, columns, 3)."""
        with Image.open(io.BytesIO(self._page.screenshot())) as seen:
            return np.asarray(seen.convert("RGB"))

    def _at(self, points: NDArray[np.float64], to_world: str) -> NDArray[np.uint8]:
        places = self._page.evaluate(
            f"(points) => {{ {ACTIVE}"
            " const frame = viewport.element.getBoundingClientRect();"
            f" return points.map({to_world}).map(each => viewport.worldToCanvas(each))"
            " .map(([x, y]) => [x + frame.left, y + frame.top]); }",
            points.tolist(),
        )
        columns, rows = np.rint(np.array(places)).astype(int).T
        return self.picture()[rows, columns]

    def keep(self, name: str) -> None:
        """Keep a picture of the page for people to look at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self._page.screenshot(path=PICTURES / f"{name}.png")

    def ask(self, script: str) -> Any:
        """Return what an expression gives in the page."""
        return self._page.evaluate(script)
