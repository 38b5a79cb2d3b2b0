"""Texts of figures, for tests of what is drawn."""

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg


def drawn(ax, kind, label):
    (found,) = [
        item for item in ax.collections if isinstance(item, kind) and item.get_label() == label
    ]
    return found


def clashes(figure):
    """Pairs of titles, axis labels and entries of keys that overlap, and those that leave the figure."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = [
        text
        for ax in figure.axes
        for text in (ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label)
    ]
    keys = figure.legends + [ax.get_legend() for ax in figure.axes if ax.get_legend()]
    texts += [text for key in keys for text in key.get_texts()] + [
        text for ax in figure.axes for text in ax.texts
    ]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text.get_text()]
    width, height = canvas.get_width_height()
    pairs = [(a, b) for (a, one), (b, two) in itertools.combinations(boxes, 2) if one.overlaps(two)]
    return pairs + [
        a for a, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height
    ]


def key_texts(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]
