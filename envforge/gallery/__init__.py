"""A set of environments to look at: one page with questions, pictures and figures. See docs/gallery.md."""

from envforge.gallery.exhibit import LEVELS, Exhibit, Shot, exhibits
from envforge.gallery.page import page

__all__ = ["LEVELS", "Exhibit", "Shot", "exhibits", "page"]
