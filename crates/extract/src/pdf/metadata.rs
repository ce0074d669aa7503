//! What a PDF says of itself: author, dates, language, from XMP and the Info dictionary.
