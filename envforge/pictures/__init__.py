"""Pictures on the host: the policy for hostile SVG, its raster, measures for gates, views for training."""

from envforge.pictures.errors import PictureError
from envforge.pictures.fingerprints import border_ink, differing, distance, fingerprint, foreground
from envforge.pictures.inspection import (
    contrast,
    outside,
    overlaps,
    small_text,
    strings,
    text_boxes,
    without_text,
)
from envforge.pictures.raster import rasterise
from envforge.pictures.svgpolicy import check_svg
from envforge.pictures.texts import TextBox
from envforge.pictures.views import View, apply, sample, view

__all__ = [
    "PictureError",
    "TextBox",
    "View",
    "apply",
    "border_ink",
    "check_svg",
    "contrast",
    "differing",
    "distance",
    "fingerprint",
    "foreground",
    "outside",
    "overlaps",
    "rasterise",
    "sample",
    "small_text",
    "strings",
    "text_boxes",
    "view",
    "without_text",
]
