"""From the SVG that a program drew to the PNG that a model sees; `envforge.pictures` checks and draws."""

from __future__ import annotations

from envforge.contract import Instance
from envforge.pictures.errors import PictureError
from envforge.pictures.raster import rasterise
from envforge.sandbox import Failure, Status

WIDTH = 640  # pixels, where nothing else is asked for (ours: within what vision encoders take without tiling)


def png_of(instance: Instance, width: int = WIDTH) -> bytes | Failure | None:
    """The picture of `instance`, `width` pixels wide; None for one without a picture.

    A picture that breaks the policy or cannot be drawn is a Failure of the program, as if `render` had raised.
    """
    if instance.picture is None:
        return None
    try:
        return rasterise(instance.picture, width=width)
    except PictureError as error:
        return Failure(
            Status.RAISED, f"its picture cannot be shown: {error}", function="render", error="PictureError"
        )
