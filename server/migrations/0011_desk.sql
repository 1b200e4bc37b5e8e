-- Who changed the office's limits and kinds, when, and what they were before. The rules that hold stand in `office`. None of it
-- can be made from the log, so `rebuild` leaves it alone.
CREATE TABLE rule_changes (
    id      BIGINT NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    person  BIGINT NOT NULL,
    device  BIGINT NOT NULL,
    wish    TEXT NOT NULL,
    was     TEXT
);

-- What nobody is in charge of: counted for person 0, and listed by its own index, in words that the index of assignees does not serve.
INSERT INTO person_tallies
SELECT 0, zone_id, state, COUNT(*) FROM issues WHERE assignee_id IS NULL AND responsible_ids = '' GROUP BY zone_id, state;
CREATE INDEX issues_unassigned ON issues (reported_at DESC, issue_id, state, zone_id, kind, place_type, closed_at)
    WHERE COALESCE(assignee_id, 0) = 0 AND responsible_ids = '';

-- The issues behind a figure of the books.
CREATE INDEX postings_entered ON postings (entered, zone_id, kind, issue_id);
CREATE INDEX postings_ended ON postings (ended, zone_id, kind, issue_id) WHERE ended IS NOT NULL;

-- Why the desk adopted or discarded what was held.
ALTER TABLE held ADD COLUMN decision_reason TEXT NOT NULL DEFAULT '';
