"""Draw each picture of a notebook once more for slides: whole, and each panel alone, with labels for the last row.

`notebook_runs.run` executes this file in the notebook's kernel before the first cell. Before each other cell, it sets
`draw_for_slides.wanted` to what a slide shows of its picture. These drawings are added to the metadata of the output,
where a page does not show them.
"""


def draw_for_slides():
    import base64
    import io
    import warnings
    from copy import deepcopy
    from itertools import pairwise
    from textwrap import fill

    from matplotlib import rc_context
    from matplotlib.axes import Axes
    from matplotlib.gridspec import GridSpec
    from matplotlib.lines import Line2D
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox

    from lectrain import plots
    from lectrain.report import Box

    WHOLE, ALONE = (9.9, 4.7), (6.4, 5.5)  # inches, of about 125 pixels: below a title, and beside it
    LABEL = 15  # points: 26 pixels on a slide that has nothing else
    DPI = 200
    BELOW = "outside lower center"
    draw_for_page = plots.Picture.image

    class Drawings(Box):
        def _repr_html_(self):
            return self.data, {"slide": self.slide}

    def panels_of(picture):
        return [ax for ax in picture.axes if ax.get_subplotspec() and ax.get_visible()]

    def share_labels(picture):
        """Label an axis that two neighbours have in common at one of them, so that more room is left for data."""
        specs = {ax: ax.get_subplotspec() for ax in panels_of(picture)}
        cells = {(spec.rowspan.start, spec.colspan.start): ax for ax, spec in specs.items()}
        looks = {(ax, name): look_of(ax, name) for ax in cells.values() for name in "xy"}
        for (row, column), ax in cells.items():
            for name, side, neighbour in (
                ("x", "bottom", cells.get((row + 1, column))),
                ("y", "left", cells.get((row, column - 1))),
            ):
                if neighbour and looks[ax, name] == looks[neighbour, name]:
                    getattr(ax, f"{name}axis").label.set_visible(False)
                    ax.tick_params(axis=name, **{f"label{side}": False})

    def look_of(ax, name):
        ticks = [label.get_text() for label in getattr(ax, f"get_{name}ticklabels")()]
        return ticks, *(getattr(ax, f"get_{name}{what}")() for what in ("label", "lim", "scale"))

    def covers_a_curve(ax):
        """Whether the legend of a panel is drawn over its data."""
        curves = [line.get_transform().transform(line.get_xydata()) for line in ax.lines]
        box = ax.get_legend() and ax.get_legend().get_window_extent()
        return bool(box) and any(box.contains(*point) for curve in curves for point in curve)

    def make_room(picture):
        """Text is larger now: turn labels that overlap, move names of curves apart, and a legend off the curves."""
        panels = panels_of(picture)
        if any(map(covers_a_curve, panels)):
            for ax in panels:
                if legend := ax.get_legend():
                    legend.set_loc("center left")
                    legend.set_bbox_to_anchor((1.02, 0.5), ax.transAxes)
                    for text in legend.get_texts():
                        text.set_text(fill(text.get_text(), 18))
        for legend in list(picture.legends):
            if (share := picture.bbox.width / legend.get_window_extent().width) < 1:
                names = [text.get_text() for text in legend.get_texts()]
                columns = max(1, int(share * len(names)))
                picture.legends.remove(legend)
                picture.legend(legend.legend_handles, names, loc=BELOW, ncols=columns, fontsize=LABEL, frameon=False)
        for ax in panels:
            letters = int(1.3 * ax.bbox.width / picture.dpi * 72 / (0.62 * LABEL))  # a title may be a bit wider
            if 10 < letters < len(ax.get_title()):
                ax.title.set_text(fill(ax.get_title().replace("\n", " "), letters, break_long_words=False))
            labels = [label for label in ax.get_xticklabels() if label.get_text() and label.get_visible()]
            boxes = [label.get_window_extent() for label in labels]
            if any(left.x1 > right.x0 for left, right in pairwise(boxes)) and ax.axison:
                for label in labels:
                    label.set(rotation=30, ha="right", rotation_mode="anchor")
            line = 1.3 * LABEL / 72 * picture.dpi / ax.bbox.height  # as a share of the axes
            names = [text for text in ax.texts if getattr(text, "xycoords", "") == "axes fraction" and text.xy[0] == 1]
            for lower, upper in pairwise(sorted(names, key=lambda name: name.xy[1])):
                room = line * (lower.get_text().count("\n") + upper.get_text().count("\n") + 2) / 2
                upper.xy = 1, max(upper.xy[1], lower.xy[1] + room)
        picture.draw_without_rendering()
        cut_empty_height(picture)

    def cut_empty_height(picture):
        """Panels of a fixed shape may be as wide as the picture, and leave a part of its height empty."""
        panels = panels_of(picture)
        if any(ax.get_aspect() == "auto" for ax in panels):
            return
        for ax in panels:
            letters = max(8, int(ax.bbox.height / picture.dpi * 72 / (0.62 * LABEL)))
            ax.set_ylabel(fill(ax.get_ylabel().replace("\n", " "), letters, break_long_words=False))
        picture.draw_without_rendering()
        heights = [ax.get_position(original=True).height * picture.bbox.height for ax in panels]
        room = [height - ax.get_tightbbox().height for height, ax in zip(heights, panels, strict=True)]
        rows = max(ax.get_subplotspec().get_gridspec().nrows for ax in panels)
        picture.set_figheight(picture.get_figheight() - rows * max(0, min(room)) / picture.dpi)
        for _ in range(2):  # the layout measures where labels were drawn before
            picture.draw_without_rendering()

    def enlarge(picture, width, height):
        """Give the picture a size, larger text and thicker lines, and break the lines of its texts accordingly."""
        picture.set_size_inches(width, height)
        for ax in picture.axes:
            if ax.get_ylim()[1] > 1e100:  # with fewer ticks, Matplotlib tries one at infinity
                ax.set_yticks([tick for tick in ax.get_yticks() if tick < ax.get_ylim()[1]][::3])
        for ax in picture.findobj(Axes):
            ax.tick_params(labelsize=LABEL)
        for ax in panels_of(picture):
            grid = ax.get_subplotspec().get_gridspec()
            across, up = (int(inches * 72 / (0.62 * LABEL)) for inches in (width / grid.ncols, height / grid.nrows))
            ax.title.set(text=fill(ax.get_title().replace("\n", " "), across), fontsize=LABEL, fontweight="bold")
            ax.set_xlabel(fill(ax.get_xlabel(), across - 2))
            ax.set_ylabel(fill(ax.get_ylabel(), int(0.8 * up)))
        for text in picture.findobj(Text):
            text.set_fontsize(max(LABEL, text.get_fontsize()))
        for line in picture.findobj(Line2D):
            line.set_linewidth(1.3 * line.get_linewidth())
        picture.draw_without_rendering()

    def drawing_of(picture, number):
        """A file with all panels (0) or one of them (from 1), and what a slide has to know of it."""
        panels = panels_of(picture)
        for ax in panels:
            for scale in ax.child_axes:
                scale.set_visible(len(panels) == 1)  # else, the data need the width of colour bars
        for ax in list(picture.axes):
            if ax.get_label() == "<colorbar>" and len(panels) > 1:
                ax._colorbar.remove()
        picture.suptitle("")  # the slide has a title, and may ask what this one answers
        if number:
            for ax in panels[: number - 1] + panels[number:]:
                ax.remove()
            panels[number - 1].set_subplotspec(GridSpec(1, 1, picture)[0])
        enlarge(picture, *(ALONE if number else WHOLE))
        share_labels(picture)
        make_room(picture)
        frame = picture.get_tightbbox().padded(0.05)
        file = io.BytesIO()
        picture.savefig(file, dpi=DPI, bbox_inches=frame)
        data = Bbox.union([ax.get_window_extent() for ax in panels_of(picture)]).get_points() / picture.dpi
        (left, lower), (right, upper) = data.clip((frame.x0, frame.y0), (frame.x1, frame.y1))
        edges = left - frame.x0, frame.y1 - upper, right - frame.x0, frame.y1 - lower
        sizes = [
            text.get_fontsize() for text in picture.findobj(Text) if text.get_visible() and text.get_text().strip()
        ]
        return {
            "png": base64.b64encode(file.getvalue()).decode(),
            "inside": [round(DPI * edge) for edge in edges],  # left, upper, right and lower pixel, without labels
            "label": min(sizes, default=LABEL) / 72 * DPI,  # the smallest text, in pixels of the file
        }

    @rc_context(plots.STYLE)
    def image(picture):
        box = draw_for_page(picture)
        if not draw_for_slides.wanted:
            return box
        num_panels = len(panels_of(picture))
        drawings = Drawings(box.data, box.text)
        drawings.slide = {"alt": picture.alt, "panels": num_panels, "drawings": {}}
        with warnings.catch_warnings(action="ignore"):  # in a row, large labels can leave a panel no room: use it alone
            for number in draw_for_slides.wanted:
                if number <= num_panels:
                    drawings.slide["drawings"][str(number)] = drawing_of(deepcopy(picture), number)
        return drawings

    plots.Picture.image = image


draw_for_slides.wanted = []  # 0: the whole picture; 1, 2 …: a panel alone
draw_for_slides()
