-- The store of an index: what was collected. Texts that name a `json` value are those of `model`.
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value
) WITHOUT ROWID;

-- What records said, each once: a document without passages and links; its links; how many passages;
-- how many contributions say it.
CREATE TABLE body (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  outline BLOB NOT NULL,
  links BLOB NOT NULL,
  passages INTEGER NOT NULL,
  uses INTEGER NOT NULL
);

-- Passages of a body; id: body << 20 | number of the first passage.
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY,
  passages BLOB NOT NULL
);

-- Merged documents. `address` is a hash of the canonical address of a state. `counted` is the body
-- whose links and name are counted, `anchors` hashes of what links and captures said at the last
-- derivation.
CREATE TABLE document (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  address BLOB,
  body INTEGER NOT NULL,
  captured INTEGER NOT NULL,
  counted INTEGER,
  anchors BLOB
) WITHOUT ROWID;
CREATE INDEX document_address ON document (address);

CREATE TABLE contribution (
  document BLOB NOT NULL,
  collection TEXT NOT NULL,
  origin TEXT NOT NULL,
  key TEXT NOT NULL,
  captured INTEGER NOT NULL,
  url TEXT NOT NULL,
  body INTEGER NOT NULL,
  PRIMARY KEY (document, collection, origin)
) WITHOUT ROWID;

-- `said` is the capture as it came; `digest` and `document` are resolved.
CREATE TABLE capture (
  id BLOB PRIMARY KEY,
  address BLOB NOT NULL,
  captured INTEGER NOT NULL,
  digest BLOB,
  document BLOB,
  said TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX capture_address ON capture (address, captured);
CREATE INDEX capture_document ON capture (document, captured);

-- Names under which originals are found (waiting = 0) and revisits look for them (waiting = 1).
CREATE TABLE original (
  name BLOB NOT NULL,
  waiting INTEGER NOT NULL,
  captured INTEGER NOT NULL,
  capture BLOB NOT NULL,
  PRIMARY KEY (name, waiting, captured, capture)
) WITHOUT ROWID;

CREATE TABLE redirect (
  from_address TEXT NOT NULL,
  to_address TEXT NOT NULL,
  seen INTEGER NOT NULL,
  collection TEXT NOT NULL,
  origin TEXT NOT NULL,
  PRIMARY KEY (from_address, to_address, seen, collection, origin)
) WITHOUT ROWID;
CREATE INDEX redirect_to ON redirect (to_address, from_address);

-- How many documents of a site link to an address with a text.
CREATE TABLE anchor (
  target BLOB NOT NULL,
  text TEXT NOT NULL,
  site TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (target, text, site)
) WITHOUT ROWID;

-- How many documents of a host give a name to their site.
CREATE TABLE vote (
  host TEXT NOT NULL,
  name TEXT NOT NULL,
  site TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (host, name)
) WITHOUT ROWID;
CREATE INDEX vote_site ON vote (site, name);

CREATE TABLE journal (
  origin TEXT NOT NULL,
  class TEXT NOT NULL,
  url TEXT,
  reason TEXT NOT NULL,
  tried INTEGER NOT NULL,
  PRIMARY KEY (origin, class)
) WITHOUT ROWID;

CREATE TABLE source (
  path TEXT NOT NULL,
  collection TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (path, collection)
) WITHOUT ROWID;

-- What commit n derived, kept until the index is known to hold n.
CREATE TABLE dirty (
  id BLOB PRIMARY KEY,
  n INTEGER NOT NULL
) WITHOUT ROWID;
