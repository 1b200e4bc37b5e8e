-- What the desk keeps beside the issues: weekly 督办 lists, and the books of the months (月结账). None of it can be made from the
-- log, so `rebuild` leaves it alone.

CREATE TABLE weekly_lists (
    number  TEXT NOT NULL PRIMARY KEY,
    made_at BIGINT NOT NULL,
    made_by BIGINT NOT NULL
);

-- An issue as it stood when the list was made; what became of it stands in `issues`.
CREATE TABLE weekly_entries (
    list              TEXT NOT NULL,
    position          BIGINT NOT NULL,
    issue_id          TEXT NOT NULL,
    assignee_id       BIGINT NOT NULL,
    state             TEXT NOT NULL,
    due_at            BIGINT,
    supervision_level TEXT,
    PRIMARY KEY (list, position)
);
CREATE INDEX weekly_entries_by_unit ON weekly_entries (list, assignee_id, position);

-- A frozen month. The seal is made by the office's secret over all of it and the seal of the month before.
CREATE TABLE settlements (
    month     TEXT NOT NULL PRIMARY KEY,
    number    TEXT NOT NULL,
    frozen_at BIGINT NOT NULL,
    frozen_by BIGINT NOT NULL,
    device    BIGINT NOT NULL,
    seal      TEXT NOT NULL
);

-- closing = opening + entered - struck - voided; what happened before the month, but came after that one was frozen, is `late`.
CREATE TABLE settlement_lines (
    month        TEXT NOT NULL,
    zone_id      BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    opening      BIGINT NOT NULL,
    entered      BIGINT NOT NULL,
    entered_late BIGINT NOT NULL,
    struck       BIGINT NOT NULL,
    struck_late  BIGINT NOT NULL,
    voided       BIGINT NOT NULL,
    voided_late  BIGINT NOT NULL,
    closing      BIGINT NOT NULL,
    PRIMARY KEY (month, zone_id, kind)
);

-- In which month the books took an issue in and let it out; '' is before the books began. Zone and kind are those of the books.
CREATE TABLE postings (
    issue_id TEXT NOT NULL PRIMARY KEY,
    zone_id  BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    entered  TEXT NOT NULL,
    ended    TEXT,
    ending   TEXT
);
CREATE INDEX postings_open ON postings (issue_id) WHERE ended IS NULL;
