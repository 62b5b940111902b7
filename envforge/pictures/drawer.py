"""The rasteriser's own process: reads pictures from standard input, writes PNGs to standard output.

`raster` runs it as a script, and imports it only for the form of the messages. It knows nothing of envforge. Its
arguments are the folder that holds the module resvg and the font files; it says b"R" once it can draw.

A request is an unsigned 32-bit number, the length of the SVG, and the SVG in UTF-8, whose root says how large the
picture is in pixels. A reply is one byte (0: drawn, 1: refused), a length, and the PNG or a message.
"""

import resource
import struct
import sys

REQUEST, REPLY = struct.Struct(">I"), struct.Struct(">BI")
MEMORY = 2 << 30  # bytes of address space
DRAWN, REFUSED = 0, 1
FAMILY = "DejaVu Sans"
WHITE = (255, 255, 255, 255)
UNCHANGED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)  # the first two rows of a matrix


def main() -> None:
    """Serve until standard input ends."""
    folder, *fonts = sys.argv[1:]
    sys.path.append(folder)
    import resvg

    options = resvg.usvg.Options.default()
    for font in fonts:
        options.load_font_file(font)
    options.font_family, options.font_size = FAMILY, 16.0
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    replies.write(b"R")
    replies.flush()
    while len(header := requests.read(REQUEST.size)) == REQUEST.size:
        svg = requests.read(REQUEST.unpack(header)[0]).decode("utf-8")
        try:
            tree = resvg.usvg.Tree.from_str(svg, options)
            data = resvg.render(tree, UNCHANGED, bg_color=WHITE)
            status = DRAWN
        except BaseException as error:  # a panic of the rasteriser is no Exception
            status, data = REFUSED, f"{type(error).__name__}: {error}"[:200].encode("utf-8", "replace")
        replies.write(REPLY.pack(status, len(data)) + bytes(data))
        replies.flush()


if __name__ == "__main__":
    main()
