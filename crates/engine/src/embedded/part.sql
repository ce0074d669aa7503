-- Discussions of which posts are held, with or without their opening post.
CREATE TABLE IF NOT EXISTS thread (
  id INTEGER PRIMARY KEY,
  document BLOB NOT NULL UNIQUE,
  key TEXT NOT NULL
);

-- Records that gave posts: thousands of posts come from one, so that where it lies is said once.
CREATE TABLE IF NOT EXISTS record (
  id INTEGER PRIMARY KEY,
  collection TEXT NOT NULL,
  origin TEXT NOT NULL,
  captured INTEGER NOT NULL,
  url TEXT NOT NULL,
  UNIQUE (collection, origin)
);

-- To which threads a record gave posts.
CREATE TABLE IF NOT EXISTS record_thread (
  record INTEGER NOT NULL,
  thread INTEGER NOT NULL,
  PRIMARY KEY (record, thread)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_thread_thread ON record_thread (thread);

-- Posts as records gave them. Threads are numbered as they come, so that what dumps tell in the
-- order of time is written in one place.
CREATE TABLE IF NOT EXISTS part (
  thread INTEGER NOT NULL,
  post TEXT NOT NULL,
  record INTEGER NOT NULL,
  said BLOB NOT NULL,
  PRIMARY KEY (thread, post, record)
) WITHOUT ROWID;
