"""Texts of figures, for tests of what is drawn."""

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def drawn(ax, kind, label):
    (found,) = [
        item for item in ax.collections if isinstance(item, kind) and item.get_label() == label
    ]
    return found


def colliding(figure, beyond_px=0):
    """Pairs of texts whose boxes overlap, and texts that leave the figure by more than some pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    seen = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    # Ticks outside the limits are artists too, but are not drawn.
    ticks = {
        id(label)
        for ax in [*figure.axes, *(child for ax in figure.axes for child in ax.child_axes)]
        for axis in (ax.xaxis, ax.yaxis)
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        for label in (tick.label1, tick.label2)
    }
    shown = {
        id(label)
        for ax in [*figure.axes, *(child for ax in figure.axes for child in ax.child_axes)]
        for axis in (ax.xaxis, ax.yaxis)
        if ax.axison
        for tick in axis._update_ticks()
        for label in (tick.label1, tick.label2)
    }
    seen = [text for text in seen if id(text) not in ticks or id(text) in shown]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in seen]
    width, height = canvas.get_width_height()
    pairs = [(a, b) for (a, one), (b, two) in itertools.combinations(boxes, 2) if one.overlaps(two)]
    return pairs + [
        a
        for a, box in boxes
        if min(box.x0, box.y0) < 0 or box.x1 > width + beyond_px or box.y1 > height + beyond_px
    ]


def key_texts(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]
