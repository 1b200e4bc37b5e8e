-- Who did what, when and from where. Rows are only ever added, and each hash covers the one before it, so an edit, a gap or a
-- change of order is found; what is cut off at the end is found by a head that was kept elsewhere.
CREATE TABLE audit (
    number BIGINT NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    act    TEXT NOT NULL,
    -- 0: nobody, or somebody who proved nothing.
    person BIGINT NOT NULL,
    device BIGINT NOT NULL,
    origin TEXT NOT NULL,
    what   TEXT NOT NULL,
    result TEXT NOT NULL,
    hash   BLOB NOT NULL
);

-- 三员: what an administrator answers for, as words with blanks between.
ALTER TABLE people ADD COLUMN duties TEXT NOT NULL DEFAULT 'system security audit';
