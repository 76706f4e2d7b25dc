"""Draw each picture of a notebook once more, for a slide: wide, and with labels that can be read from the last row.

`notebook_runs.run` executes this file in the notebook's kernel before the first cell. The second picture is added to
the metadata of the output, where a page does not show it.
"""


def draw_for_slides():
    import base64
    import io
    from itertools import pairwise
    from textwrap import fill

    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

    from lectrain import plots
    from lectrain.report import Box

    WIDTH, HEIGHT = 9.9, 4.7  # inches: on a slide, an inch is about 125 pixels
    LABEL = 14  # points: 24 pixels on a slide that has nothing else
    DPI = 200
    draw_for_page = plots.Picture.image

    class TwoPictures(Box):
        def _repr_html_(self):
            return self.data, {"slide": self.slide}

    def share_legend(picture):
        """Three panels in a row have no room for three legends. If these are equal, one is drawn below all."""
        panels = [ax for ax in picture.axes if ax.get_subplotspec()]
        legends = [ax.get_legend() for ax in panels]
        if all(legends) and max(ax.get_subplotspec().get_gridspec().ncols for ax in panels) > 2:
            names = [[text.get_text() for text in legend.get_texts()] for legend in legends]
            if all(each == names[0] for each in names):
                picture.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(names[0]))
                for legend in legends:
                    legend.remove()

    def covers_a_curve(ax):
        """Whether the legend of a panel is drawn over its data."""
        curves = [line.get_transform().transform(line.get_xydata()) for line in ax.lines]
        box = ax.get_legend() and ax.get_legend().get_window_extent()
        return bool(box) and any(box.contains(*point) for curve in curves for point in curve)

    def make_room(picture):
        """Text is larger now: turn labels that overlap, move names of curves apart, and a legend off the curves."""
        if any(map(covers_a_curve, picture.axes)):
            for ax in picture.axes:
                if legend := ax.get_legend():
                    legend.set_loc("center left")
                    legend.set_bbox_to_anchor((1.02, 0.5), ax.transAxes)
                    for text in legend.get_texts():
                        text.set_text(fill(text.get_text(), 18))
        for ax in picture.axes:
            letters = int(1.3 * ax.bbox.width / picture.dpi * 72 / (0.62 * LABEL))  # a title may be a bit wider
            if ax.get_subplotspec() and 10 < letters < len(ax.get_title()):
                title = fill(ax.get_title().replace("\n", " "), letters, break_long_words=False)
                ax.set_title(title, fontsize=LABEL, fontweight="bold")
            labels = [label for label in ax.get_xticklabels() if label.get_text()]
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

    def enlarge(picture):
        for ax in picture.axes:
            if ax.get_ylim()[1] > 1e100:  # with fewer ticks, Matplotlib tries one at infinity
                ax.set_yticks([tick for tick in ax.get_yticks() if tick < ax.get_ylim()[1]][::3])
        picture.set_size_inches(WIDTH, HEIGHT)
        share_legend(picture)
        for ax in picture.findobj(Axes):
            ax.tick_params(labelsize=LABEL)
            if spec := ax.get_subplotspec():
                grid = spec.get_gridspec()
                across, up = (int(inches * 72 / (0.62 * LABEL)) for inches in (WIDTH / grid.ncols, HEIGHT / grid.nrows))
                ax.set_title(fill(ax.get_title().replace("\n", " "), across), fontsize=LABEL, fontweight="bold")
                ax.set_xlabel(fill(ax.get_xlabel(), across - 2))
                ax.set_ylabel(fill(ax.get_ylabel(), int(0.8 * up)))
                for scale in ax.child_axes:
                    scale.set_visible(grid.ncols == 1)  # in a row of panels, the data need the width of colour bars
        for text in picture.findobj(Text):
            text.set_fontsize(max(LABEL, text.get_fontsize()))
        for line in picture.findobj(Line2D):
            line.set_linewidth(1.3 * line.get_linewidth())

    def image(picture):
        box = draw_for_page(picture)
        enlarge(picture)
        picture.draw_without_rendering()
        make_room(picture)
        frame = picture.get_tightbbox().padded(0.05)
        file = io.BytesIO()
        picture.savefig(file, dpi=DPI, bbox_inches=frame)

        def pixels(box):
            """The corners of a box in the file: left, upper, right, lower."""
            corners = box.get_points() / picture.dpi
            (left, lower), (right, upper) = corners.clip((frame.x0, frame.y0), (frame.x1, frame.y1))
            edges = left - frame.x0, frame.y1 - upper, right - frame.x0, frame.y1 - lower
            return [round(DPI * edge) for edge in edges]

        axes = [ax for ax in picture.axes if ax.get_subplotspec()]
        sizes = [
            text.get_fontsize() for text in picture.findobj(Text) if text.get_visible() and text.get_text().strip()
        ]
        both = TwoPictures(box.data, box.text)
        both.slide = {
            "png": base64.b64encode(file.getvalue()).decode(),
            "alt": picture.alt,
            "panels": [pixels(ax.get_tightbbox().padded(0.04 * picture.dpi)) for ax in axes],
            "insides": [pixels(ax.get_window_extent()) for ax in axes],  # of the panels, without labels
            "label": min(sizes, default=LABEL) / 72 * DPI,  # the smallest text, in pixels of the file
        }
        return both

    plots.Picture.image = image


draw_for_slides()
