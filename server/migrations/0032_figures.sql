-- The issues behind a figure, each list in its own order from an index that holds all it asks, so that a page of it costs the same
-- whatever the office has.

-- Why a book and what is known today do not agree, issue by issue and month by month: kept with every change of an issue and every
-- freeze. Of the postings and the issues, `rebuild` makes it again.
CREATE TABLE drifts (
    issue_id    TEXT NOT NULL,
    month       TEXT NOT NULL,
    drift       TEXT NOT NULL,
    -- Of the book where the issue is gone from there, else of today.
    zone_id     BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (issue_id, month, drift)
);
CREATE INDEX drifts_by_report ON drifts (month, drift, reported_at DESC, issue_id, zone_id, kind);

-- The place of an issue in the lists of the books: the earlier of what the phone said and of the receipt, when it was booked.
ALTER TABLE postings ADD COLUMN reported_at BIGINT NOT NULL DEFAULT 0;
UPDATE postings SET reported_at = COALESCE((SELECT CASE WHEN i.received_at < i.reported_at THEN i.received_at ELSE i.reported_at END
    FROM issues i WHERE i.issue_id = postings.issue_id), 0);
-- Whether what was booked came late is told from here alone. Of what was booked before that was written down (0029), what is known now
-- says it, once.
UPDATE postings SET entered_late = CASE WHEN postings.reported_at < (SELECT s.began FROM
        (SELECT month, (CAST(strftime('%s', month || '-01') AS BIGINT) - 28800) * 1000 AS began FROM settlements) s
        WHERE s.month = postings.entered) THEN 1 ELSE 0 END
    WHERE entered_late IS NULL;
UPDATE postings SET ended_late = CASE WHEN (SELECT CASE WHEN i.closed_received_at < i.closed_at THEN i.closed_received_at ELSE i.closed_at END
        FROM issues i WHERE i.issue_id = postings.issue_id) < (SELECT s.began FROM
        (SELECT month, (CAST(strftime('%s', month || '-01') AS BIGINT) - 28800) * 1000 AS began FROM settlements) s
        WHERE s.month = postings.ended) THEN 1 ELSE 0 END
    WHERE ended IS NOT NULL AND ended_late IS NULL;
DROP INDEX postings_open;
DROP INDEX postings_entered;
DROP INDEX postings_ended;
CREATE INDEX postings_open ON postings (reported_at DESC, issue_id, entered, zone_id, kind, ended) WHERE ended IS NULL;
CREATE INDEX postings_entered ON postings (entered, reported_at DESC, issue_id, zone_id, kind, entered_late);
-- What a month opened with is, for each month that let some of it out, all that had entered before: one stretch.
CREATE INDEX postings_ended ON postings (ended, entered, reported_at DESC, issue_id, ending, zone_id, kind, ended_late)
    WHERE ended IS NOT NULL;

-- What has become of the entries of a list is kept as it changes, until the next list is made; then the list is told, and what it says
-- of them stays.
ALTER TABLE weekly_lists ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
UPDATE weekly_lists SET told = 1 WHERE EXISTS
    (SELECT 1 FROM weekly_entries w WHERE w.list = weekly_lists.number AND w.became IS NOT NULL);
UPDATE weekly_entries SET became = COALESCE((SELECT i.state FROM issues i WHERE i.issue_id = weekly_entries.issue_id), state)
    WHERE became IS NULL;
DROP INDEX weekly_entries_by_unit;
CREATE INDEX weekly_entries_by_unit ON weekly_entries (list, assignee_id, position, issue_id, became);
CREATE INDEX weekly_entries_in_order ON weekly_entries (list, position, issue_id, became);

-- What indicators count, and the lists behind them.
DROP INDEX issues_by_due;
DROP INDEX issues_by_close;
CREATE INDEX issues_by_due ON issues (due_at, issue_id, zone_id, kind, state, clock_runs, reworks, extensions, appeal, handed_in_at,
    closed_at) WHERE due_at IS NOT NULL;
CREATE INDEX issues_by_close ON issues (closed_at DESC, issue_id, state, zone_id, kind, place_type, reported_at, photo_count)
    WHERE is_open = 0;
CREATE INDEX issues_open ON issues (reported_at DESC, issue_id, zone_id, kind) WHERE is_open = 1;
CREATE INDEX issues_recurred ON issues (reported_at DESC, issue_id, state, zone_id, kind, recurrence_of) WHERE recurrence_of IS NOT NULL;
-- Illegal building, from whose last report the days without a new case are counted.
CREATE INDEX issues_watched ON issues (zone_id, reported_at DESC, issue_id, state) WHERE kind = '2026/06001';
CREATE INDEX photos_by_stage ON photos (issue_id, stage);
