-- Lists of which hardly any issue of the office is a part: none is looked for among all of them.

-- What is pressed or void is little of all.
DROP INDEX issues_pressed;
CREATE INDEX issues_pressed ON issues (reported_at DESC, issue_id, state, zone_id, kind) WHERE supervision_level IS NOT NULL;
CREATE INDEX issues_void ON issues (reported_at DESC, issue_id, zone_id, kind, place_type) WHERE state = 'void';

-- When an issue was reported, beside the words it can have: those that have them are read in the order of the list.
ALTER TABLE search_rows ADD COLUMN reported_at BIGINT NOT NULL DEFAULT 0;
UPDATE search_rows SET reported_at = COALESCE((SELECT i.reported_at FROM issues i WHERE i.issue_id = search_rows.issue_id), 0);
