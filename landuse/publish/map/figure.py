"""The page: folium's map in one file that loads nothing and runs nothing but our own scripts.

Three walls stand between a name in the user's data and the reader's browser. No text of the data
passes through folium or Jinja: the page is rendered without data, which is put in afterwards. The
data is JSON that contains no sign of HTML. And the content policy names the hash of each script of
the page without data, so that a script from anywhere else would not run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Final

import folium
from branca.element import CssLink, Figure, JavascriptLink, MacroElement
from folium.template import Template

from landuse.messages import Lang
from landuse.publish.map import assets
from landuse.publish.map.embed import data_block, raw_block

__all__ = ["OfflineFigure", "PlotMap", "Plots", "content_policy"]

_SCRIPTS: Final = (
    "shapes.js",
    "columns.js",
    "tiles.js",
    "tiled.js",
    "layer.js",
    "pieces.js",
    "labels.js",
    "panel.js",
    "filter.js",
    "totals.js",
    "themes.js",
    "search.js",
    "idle.js",
    "ledger.js",
    "before.js",
    "picture.js",
    "card.js",
    "public.js",
    "legend.js",
    "controls.js",
    "colours.js",
    "overlays.js",
    "geodesy.js",
    "measure.js",
    "minimap.js",
    "second.js",
    "basemap.js",
    "tools.js",
    "bridge.js",
    "page.js",
)
_POLICY: Final = "@@policy@@"
_DATA: Final = "@@data@@"


class OfflineFigure(Figure):
    """A folium figure whose scripts and styles stand in the page itself.

    An element that asks for an address that is not vendored makes :meth:`page` raise
    :class:`landuse.errors.InternalError`. ``data`` is put into the page as JSON blocks by name,
    ``raw`` as base64. ``reads_beside``: the page may ask its own server for what lies beside it,
    ``images_of_server`` for pictures too.
    """

    _template = Template(assets.page_file("page.html"))

    def __init__(
        self,
        lang: Lang,
        data: Mapping[str, Mapping[str, object]],
        raw: Iterable[tuple[str, str]] = (),
        *,
        reads_beside: bool = False,
        images_of_server: bool = False,
    ) -> None:
        super().__init__()
        self.lang = lang
        self.data = data
        self.raw = raw
        self.reads_beside = reads_beside
        self.images_of_server = images_of_server

    def render(self, **kwargs: object) -> str:
        """The whole page as one text; see :meth:`page`."""
        return "".join(self.page(**kwargs))

    def page(self, **kwargs: object) -> Iterator[str]:
        """The page in pieces (its data may be large)."""
        for child in self._children.values():
            child.render(**kwargs)
        for link in self.header._children.values():  # noqa: SLF001 - branca has no other way
            if isinstance(link, JavascriptLink | CssLink):
                link.code = assets.code(link.url)  # type: ignore[assignment]
        embedded = {**kwargs, "embedded": True}
        frame: str = self._template.render(this=self, kwargs=embedded)
        policy = content_policy(frame) + ("; connect-src 'self'" if self.reads_beside else "")
        if self.images_of_server:
            policy = policy.replace("img-src data:", "img-src data: 'self'")
        head, tail = frame.replace(_POLICY, policy).split(_DATA)
        yield head
        for name, value in self.data.items():
            yield data_block(name, value)
        for name, text in self.raw:
            yield raw_block(name, text)
        yield tail


class _Inline(HTMLParser):
    """Collects what stands in the script and style elements of our own page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag if tag in self.found else ""
        if self._open:
            assert not attrs, "only data blocks have attributes, and the frame has none of them"
            self.found[tag].append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[self._open][-1] += data


def content_policy(frame: str) -> str:
    """The policy of a page without data: nothing from outside, and only its own scripts run.

    >>> content_policy("<script>1</script>")[:42]
    "default-src 'none'; script-src 'sha256-a4a"
    """
    inline = _Inline()
    inline.feed(frame)
    inline.close()
    hashes = {tag: " ".join(map(_source, codes)) for tag, codes in inline.found.items()}
    return (
        f"default-src 'none'; script-src {hashes['script']}; style-src {hashes['style']}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _source(code: str) -> str:
    digest = hashlib.sha256(code.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


class PlotMap(folium.Map):
    """folium's map without tiles, markers and the scripts that these need.

    Its own template, because folium's forbids zooming the page (poor eyesight) and sets the map's
    place by ids that change with each run. The variable of the map is ``map_landuse``.
    """

    default_js = [("leaflet", assets.LEAFLET_JS)]  # noqa: RUF012 - folium reads a list
    default_css = [("leaflet_css", assets.LEAFLET_CSS)]  # noqa: RUF012
    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id="{{ this.get_name() }}" role="application"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map("{{ this.get_name() }}", {{ this.options|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__(tiles=None)
        self._id = "landuse"
        self.options = {"minZoom": 3, "maxZoom": 21, "zoomSnap": 0.25, "wheelPxPerZoomLevel": 90}


class Plots(MacroElement):
    """The layer of plots with legend, search and card; reads the figure's data in the browser."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        landuse.start({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Plots"
        self._id = "landuse"

    def render(self, **kwargs: object) -> None:  # type: ignore[override] # as branca's macros do
        """Ask the figure for our own scripts and style, then render as folium does."""
        figure = self.get_root()
        assert isinstance(figure, Figure)
        figure.header.add_child(CssLink(f"{assets.OWN}page.css"), name="landuse_css")
        for script in _SCRIPTS:
            figure.header.add_child(JavascriptLink(f"{assets.OWN}{script}"), name=script)
        super().render(**kwargs)  # type: ignore[no-untyped-call]
