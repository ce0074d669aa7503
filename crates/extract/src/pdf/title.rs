//! The title: stated, unless what is stated is junk; else the largest text of the first page.
