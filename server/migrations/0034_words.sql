-- What boards and lists ask of an issue beside words stands beside its words, so that issues are counted and put into order by what
-- many of them have without their rows being read. Filled at start, with words of four signs, as most kinds are called.
DROP TABLE search_rows;
CREATE TABLE search_rows (
    -- Stays when the database is copied, which a rowid of its own does not.
    id                INTEGER NOT NULL PRIMARY KEY,
    issue_id          TEXT NOT NULL UNIQUE,
    zone_id           BIGINT NOT NULL,
    state             TEXT NOT NULL,
    is_open           BIGINT NOT NULL,
    reported_at       BIGINT NOT NULL,
    due_at            BIGINT,
    closed_at         BIGINT,
    assignee_id       BIGINT,
    responsible_ids   TEXT NOT NULL,
    supervision_level TEXT,
    kind              TEXT NOT NULL,
    place_type        TEXT NOT NULL
);
-- How often something in a stretch of ids has changed, so that what was counted of it is known to be true still.
CREATE TABLE search_stretches (
    stretch INTEGER NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO search_grams (search_grams) VALUES ('delete-all');
