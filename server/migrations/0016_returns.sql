-- An issue that stands again after the books let it out, as one whose merging was undone, enters them once more: a posting for each
-- entry. None of it can be made from the log.
CREATE TABLE entries (
    issue_id TEXT NOT NULL,
    zone_id  BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    entered  TEXT NOT NULL,
    ended    TEXT,
    ending   TEXT,
    PRIMARY KEY (issue_id, entered)
);
INSERT INTO entries SELECT issue_id, zone_id, kind, entered, ended, ending FROM postings;
DROP TABLE postings;
ALTER TABLE entries RENAME TO postings;

CREATE INDEX postings_open ON postings (issue_id) WHERE ended IS NULL;
CREATE INDEX postings_entered ON postings (entered, zone_id, kind, issue_id);
CREATE INDEX postings_ended ON postings (ended, zone_id, kind, issue_id) WHERE ended IS NOT NULL;
