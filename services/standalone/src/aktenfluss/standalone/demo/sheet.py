"""A sheet of paper in an office's hands: text runs down it, forms are ruled on it, stamps land on it."""

from functools import lru_cache

from PIL import Image, ImageDraw

from .typeface import Face, break_lines, dots, font, line_height

WIDTH = 2480
HEIGHT = 3508
LEFT = dots(25)
RIGHT = WIDTH - dots(20)
BOTTOM = HEIGHT - dots(24)
_SIZE = 10.5
_GAP = dots(2.6)


@lru_cache(maxsize=160)
def _paragraph(text: str, face: Face, points: float, width: int) -> Image.Image:
    """Set a paragraph; the wording that comes again in every letter is set once."""
    lines = list(break_lines(text, face, points, width))
    step = line_height(points)
    image = Image.new("1", (width, step * len(lines) + step // 4), 1)
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((0, number * step), line, font=font(face, points), fill=0)
    return image


class Sheet:
    """An A4 sheet at 300 dpi in black and white, filled from the top; raises ValueError when it is full."""

    def __init__(self) -> None:
        self.image = Image.new("1", (WIDTH, HEIGHT), 1)
        self._pen = ImageDraw.Draw(self.image)
        self._below = dots(20)

    def move_to(self, millimetres: float) -> None:
        self._below = dots(millimetres)

    def gap(self, millimetres: float = 2.6) -> None:
        self._below += dots(millimetres)

    def at(self, left: float, top: float, text: str, face: Face = "text", points: float = 8.0) -> None:
        """Write one line at a place given in millimetres from the top left corner."""
        self._pen.text((dots(left), dots(top)), text, font=font(face, points), fill=0)

    def paragraph(self, text: str, face: Face = "text", points: float = _SIZE, left: int = LEFT) -> None:
        image = _paragraph(text, face, points, RIGHT - left)
        self.image.paste(image, (left, self._take(image.height + _GAP)))

    def heading(self, text: str) -> None:
        self.gap()
        self.paragraph(text, "bold", 12.0)

    def row(self, label: str, value: str) -> None:
        """Put a label and its value beside each other."""
        image = _paragraph(label, "text", _SIZE, dots(52))
        top = self._take(image.height)
        baseline = top + font("text", _SIZE).getmetrics()[0]
        self._pen.text((LEFT + dots(56), baseline), value, font=font("typed", _SIZE), fill=0, anchor="ls")
        self.image.paste(image, (LEFT, top))

    def field(self, label: str, value: str) -> None:
        """Rule a field of a form, with its label small in the corner and what was typed into it."""
        high = dots(10.5)
        top = self._take(high)
        self._pen.rectangle((LEFT, top, RIGHT, top + high), outline=0, width=3)
        self.image.paste(_paragraph(label, "text", 6.5, dots(120)), (LEFT + dots(1.5), top + dots(0.8)))
        place = (LEFT + dots(4), top + dots(4.2))
        self._pen.text(place, value, font=font("typed", 11.0), fill=0)

    def tick_box(self, text: str, *, ticked: bool) -> None:
        side = dots(3.8)
        self.gap(1)
        box = (LEFT, self._below + dots(0.4), LEFT + side, self._below + dots(0.4) + side)
        self._pen.rectangle(box, outline=0, width=4)
        if ticked:
            self._pen.line(box, fill=0, width=6)
            self._pen.line((box[0], box[3], box[2], box[1]), fill=0, width=6)
        self.paragraph(text, left=LEFT + dots(8))

    def stamp(self, text: str, tilt: float) -> None:
        """Press a received stamp beside the address, tilted by so many degrees."""
        mask = Image.new("1", (dots(62), dots(17)), 0)
        pen = ImageDraw.Draw(mask)
        pen.rectangle((4, 4, mask.width - 5, mask.height - 5), outline=1, width=7)
        for number, line in enumerate(text.split("/")):
            pen.text((dots(4), dots(2.5 + 6 * number)), line.strip(), font=font("bold", 11.5), fill=1)
        turned = mask.rotate(tilt, expand=True)
        self.image.paste(0, (dots(122), dots(52)), turned)

    def _take(self, high: int) -> int:
        """Take that many dots of the sheet and return where they begin."""
        top = self._below
        if top + high > BOTTOM:
            raise ValueError("the sheet is full")
        self._below += high
        return top
