/** The tables of the index. It holds nothing that the run logs do not: a new version of this file means a new index, made from them. */
export const SCHEMA_VERSION = 1

export const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  project TEXT NOT NULL,
  run TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  created REAL NOT NULL,
  updated REAL NOT NULL,
  duration REAL NOT NULL,
  run_group TEXT,
  job_type TEXT,
  tags TEXT NOT NULL,
  notes TEXT NOT NULL,
  user TEXT,
  host TEXT,
  command TEXT,
  git_commit TEXT,
  sweep TEXT,
  archived INTEGER NOT NULL,
  color TEXT,
  step REAL,
  rows INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  log_offset INTEGER NOT NULL,
  edits_offset INTEGER NOT NULL,
  -- Dictionary of keys at log_offset, and everything else that is known there, as JSON.
  log_keys TEXT NOT NULL,
  fold TEXT NOT NULL,
  UNIQUE (project, run)
);
CREATE INDEX run_created ON run (project, created DESC);
CREATE INDEX run_sweep ON run (project, sweep) WHERE sweep IS NOT NULL;

-- Names are numbers elsewhere: config 0, summary 1, metric 2.
CREATE TABLE column_name (id INTEGER PRIMARY KEY, space INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (space, name));

CREATE TABLE value (
  column_id INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  number REAL,
  text TEXT,
  boolean INTEGER NOT NULL,
  PRIMARY KEY (column_id, run_id)
) WITHOUT ROWID;
CREATE INDEX value_run ON value (run_id);

CREATE TABLE metric (
  column_id INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  first REAL,
  first_text TEXT,
  last REAL,
  last_text TEXT,
  min REAL,
  max REAL,
  mean REAL,
  count INTEGER NOT NULL,
  PRIMARY KEY (column_id, run_id)
) WITHOUT ROWID;
CREATE INDEX metric_run ON metric (run_id);

-- Points of one series, from the one with number 'first' on; see series/chunk.ts.
CREATE TABLE chunk (
  run_id INTEGER NOT NULL,
  metric INTEGER NOT NULL,
  first INTEGER NOT NULL,
  count INTEGER NOT NULL,
  blocks BLOB NOT NULL,
  points BLOB NOT NULL
);
CREATE UNIQUE INDEX chunk_place ON chunk (run_id, metric, first);

CREATE TABLE media (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  step REAL NOT NULL,
  time REAL NOT NULL,
  kind TEXT NOT NULL,
  items TEXT NOT NULL
);
CREATE INDEX media_place ON media (run_id, key, step);

CREATE TABLE console (
  run_id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  time REAL NOT NULL,
  stream TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (run_id, line)
) WITHOUT ROWID;

CREATE TABLE alert (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL,
  time REAL NOT NULL,
  step REAL NOT NULL,
  level TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX alert_run ON alert (run_id);

CREATE TABLE file (
  run_id INTEGER NOT NULL,
  path TEXT NOT NULL,
  time REAL NOT NULL,
  blob TEXT NOT NULL,
  PRIMARY KEY (run_id, path)
) WITHOUT ROWID;

CREATE TABLE artifact_use (
  run_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (run_id, name, digest)
) WITHOUT ROWID;
`

/** Tables with rows of one run. */
export const runTables = ['value', 'metric', 'chunk', 'media', 'console', 'alert', 'file', 'artifact_use']
