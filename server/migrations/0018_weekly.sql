-- On how many weekly lists an issue has been.
CREATE INDEX weekly_entries_by_issue ON weekly_entries (issue_id, list);
