-- Photos that the office's rule for keeping took away. The issues still name them; `removed_photos` says why they are not here, so that
-- nobody asks for them, brings them again or calls them damaged. `file_gone` is 1 once the bytes are gone, too.
CREATE TABLE removed_photos (
    sha        TEXT NOT NULL PRIMARY KEY,
    removed_at BIGINT NOT NULL,
    file_gone  BIGINT NOT NULL
);
CREATE INDEX removed_photos_lingering ON removed_photos (file_gone);

-- 举报人: who told the office of a problem. Sealed by a key of the office; in no document, so a rebuild leaves it alone.
CREATE TABLE tipsters (
    issue_id TEXT NOT NULL PRIMARY KEY,
    sealed   BLOB NOT NULL,
    noted_by BIGINT NOT NULL,
    noted_at BIGINT NOT NULL
);
