"""Makes a screenshot small: at most 256 colours, and packed as well as zlib can. Text on plain colours loses nothing
that an eye would see. Reads what Chromium writes: 8 bits, RGB or RGBA, not interlaced."""

import struct
import zlib
from collections import Counter

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def smaller(picture):
    """The same picture with a palette."""
    width, height, pixels = _read(picture)
    palette, number = _palette(Counter(pixels))
    indexes = bytes(number[pixel] for pixel in pixels)
    rows = b"".join(b"\0" + indexes[start : start + width] for start in range(0, len(indexes), width))
    return SIGNATURE + b"".join(
        [
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(palette)),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _palette(counted):
    """Up to 256 colours, and the number of the nearest one for every colour of the picture.

    The most frequent ones first; then, one by one, whichever is farthest from all that are there: a small red dot must
    not turn brown because it is small.
    """
    palette = [colour for colour, _ in counted.most_common(192)]
    nearest = {
        colour: min((_distance(other, colour), place) for place, other in enumerate(palette)) for colour in counted
    }
    while len(palette) < 256:
        farthest = max(nearest, key=lambda colour: nearest[colour][0])
        if not nearest[farthest][0]:
            break
        palette.append(farthest)
        for colour, found in nearest.items():
            nearest[colour] = min(found, (_distance(farthest, colour), len(palette) - 1))
    return palette, {colour: place for colour, (_, place) in nearest.items()}


def _distance(one, other):
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _read(picture):
    """Width, height and the colour of every pixel as three bytes."""
    place, packed = len(SIGNATURE), b""
    while place < len(picture):
        length, kind = struct.unpack_from(">I4s", picture, place)
        data = picture[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, height, _, colour_type = struct.unpack_from(">IIBB", data)
        elif kind == b"IDAT":
            packed += data
        place += 12 + length
    step = {2: 3, 6: 4}[colour_type]
    raw, above, pixels = zlib.decompress(packed), bytes(width * step), []
    for start in range(0, len(raw), width * step + 1):
        above = _unfiltered(raw[start], raw[start + 1 : start + 1 + width * step], above, step)
        pixels += [above[x : x + 3] for x in range(0, len(above), step)]
    return width, height, pixels


def _unfiltered(method, row, above, step):
    """One row of the picture; PNG stores the difference to what stands left and above."""
    row = bytearray(row)
    for x in range(len(row)):
        left, corner = (row[x - step], above[x - step]) if x >= step else (0, 0)
        if method == 4:
            # Whichever of the three is nearest to left + above - corner.
            guess = left + above[x] - corner
            nearest = min((left, above[x], corner), key=lambda value: abs(guess - value))
        else:
            nearest = (0, left, above[x], (left + above[x]) >> 1)[method]
        row[x] = (row[x] + nearest) & 255
    return bytes(row)
