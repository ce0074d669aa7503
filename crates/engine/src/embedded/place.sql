-- Which rows came from a place, to take back the tail of a file. `file` is a hash of file and
-- collection, `what` the table (see `retract.rs`), `row_key` what its rows are found by.
CREATE TABLE place (
  file BLOB NOT NULL,
  what INTEGER NOT NULL,
  at INTEGER NOT NULL,
  row_key NOT NULL,
  PRIMARY KEY (file, what, at, row_key)
) WITHOUT ROWID;
