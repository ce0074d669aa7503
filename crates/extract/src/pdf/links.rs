//! Links out of a PDF: annotations with an address, with the text that they cover.
