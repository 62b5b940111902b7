"""The rasteriser's own process: reads pictures from standard input, writes PNGs to standard output.

`raster` runs it as a script, and imports it only for the form of the messages. It knows nothing of envforge. Its
arguments are the folder that holds the module resvg_py and the font files; it says b"R" once it can draw.

A request is two unsigned 32-bit numbers (width of the picture in pixels, length of the SVG) and the SVG in UTF-8. A
reply is one byte (0: drawn, 1: refused), a length, and the PNG or a message.
"""

import resource
import struct
import sys

REQUEST, REPLY = struct.Struct(">II"), struct.Struct(">BI")
MEMORY = 2 << 30  # bytes of address space
DRAWN, REFUSED = 0, 1


def main() -> None:
    """Serve until standard input ends."""
    folder, *fonts = sys.argv[1:]
    sys.path.append(folder)
    import resvg_py

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    replies.write(b"R")
    replies.flush()
    family = "DejaVu Sans"
    while len(header := requests.read(REQUEST.size)) == REQUEST.size:
        width, length = REQUEST.unpack(header)
        svg = requests.read(length).decode("utf-8")
        try:
            data = resvg_py.svg_to_bytes(
                svg_string=svg,
                width=width,
                background="#ffffff",
                skip_system_fonts=True,
                font_files=fonts,
                font_family=family,
                sans_serif_family=family,
                serif_family=family,
                monospace_family=family,
                cursive_family=family,
                fantasy_family=family,
                shape_rendering="geometric_precision",
                text_rendering="geometric_precision",
            )
            status = DRAWN
        except BaseException as error:  # a panic of the rasteriser is no Exception
            status, data = REFUSED, f"{type(error).__name__}: {error}"[:200].encode("utf-8", "replace")
        replies.write(REPLY.pack(status, len(data)) + bytes(data))
        replies.flush()


if __name__ == "__main__":
    main()
