//! The outline (bookmarks): sections and the pages where they begin.
