-- The catalogue: what has been read, and where its text lies. A cache: deleting
-- it loses nothing. Times are milliseconds since 1970. What every command looks
-- at is kept in narrow tables, the rest apart from it.
CREATE TABLE unit (
  key        TEXT PRIMARY KEY,    -- path of the unit
  agent      TEXT NOT NULL,
  stamp      INTEGER NOT NULL,    -- state of its files when it was read
  gone       INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- What discovery saw when all units were as they stand here; at most one row.
CREATE TABLE sightings (bytes BLOB NOT NULL);
CREATE TRIGGER unit_new AFTER INSERT ON unit BEGIN DELETE FROM sightings; END;
CREATE TRIGGER unit_changed AFTER UPDATE ON unit BEGIN DELETE FROM sightings; END;
CREATE TRIGGER unit_dropped AFTER DELETE ON unit BEGIN DELETE FROM sightings; END;

-- Servers that let us wait in vain a short time ago.
CREATE TABLE away (
  url        TEXT PRIMARY KEY,
  why        TEXT NOT NULL,
  until      INTEGER NOT NULL     -- when to ask again
) WITHOUT ROWID;

CREATE TABLE unit_state (
  key        TEXT PRIMARY KEY,
  checkpoint BLOB,                -- how far it was read (zstd of JSON)
  tally      TEXT,                -- what became of its records (JSON)
  issues     TEXT                 -- issues that belong to no session (JSON)
);

CREATE TABLE session (
  no         INTEGER PRIMARY KEY, -- number used in segments, never used again
  unit       TEXT NOT NULL,
  id         TEXT NOT NULL,       -- <agent>:<native id>
  agent      TEXT NOT NULL,
  native     TEXT NOT NULL,
  parent     TEXT,                -- id of the parent session
  link       TEXT,                -- subagent, fork, resume
  created    INTEGER,
  updated    INTEGER,
  cwd        TEXT,
  project    TEXT,                -- the folder that sessions of one project share
  title      TEXT,
  branch     TEXT,
  models     TEXT,                -- a name a line
  archived   INTEGER NOT NULL DEFAULT 0,
  -- Another unit holds the same session, and more of it.
  duplicate  INTEGER NOT NULL DEFAULT 0,
  events     INTEGER NOT NULL,
  text_bytes INTEGER NOT NULL
);
CREATE INDEX session_unit ON session (unit);
CREATE INDEX session_id ON session (id);
CREATE INDEX session_native ON session (native);
CREATE INDEX session_parent ON session (parent) WHERE parent IS NOT NULL;
CREATE INDEX session_updated ON session (updated);
-- What lists count, without the rows themselves.
CREATE INDEX session_counted ON session (duplicate, link, id);
CREATE INDEX session_resumed ON session (parent) WHERE link = 'resume';

CREATE TABLE session_data (
  no         INTEGER PRIMARY KEY,
  header     TEXT NOT NULL,       -- the USF header (JSON)
  requests   BLOB NOT NULL,       -- its model requests
  calls      TEXT                 -- tools of calls without a result yet (JSON)
);
CREATE TRIGGER session_gone AFTER DELETE ON session BEGIN
  DELETE FROM session_data WHERE no = old.no;
END;

-- Numbers that were handed out are never used again, or dead text would come
-- alive in another session.
CREATE TABLE counter (
  name  TEXT PRIMARY KEY,         -- session, segment
  next  INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO counter VALUES ('session', 1), ('segment', 1);

-- Has a row once everything that only the archive has was read back from it.
CREATE TABLE restored (done INTEGER NOT NULL);

CREATE TABLE segment (
  number     INTEGER PRIMARY KEY, -- name of the file
  text_bytes INTEGER NOT NULL
);
