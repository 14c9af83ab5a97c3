-- The archive: raw records of every session seen. Not a cache: what agents have
-- deleted exists only here.
CREATE TABLE chunk (
  hash       BLOB PRIMARY KEY,   -- BLAKE3 of the bytes
  pack       INTEGER NOT NULL,   -- number of the pack file
  offset     INTEGER NOT NULL,   -- where the zstd frame lies in it
  length     INTEGER NOT NULL,   -- and how long it is
  raw_length INTEGER NOT NULL    -- bytes when unpacked
) WITHOUT ROWID;

CREATE TABLE piece (
  unit       TEXT NOT NULL,      -- path of the unit
  agent      TEXT NOT NULL,
  generation INTEGER NOT NULL,   -- a unit that shrank keeps what it was
  name       TEXT NOT NULL,      -- path of the file
  offset     INTEGER NOT NULL,   -- where in the file the chunk stands
  hash       BLOB NOT NULL,
  PRIMARY KEY (unit, generation, name, offset)
) WITHOUT ROWID;
CREATE INDEX piece_hash ON piece (hash);

CREATE TABLE forgotten (
  hash BLOB PRIMARY KEY          -- BLAKE3 of a session's id, or of the path of a file
                                 -- of it, that must not come back
) WITHOUT ROWID;
