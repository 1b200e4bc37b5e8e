-- What had become of an issue when the next weekly list was made: told by its list ever after. NULL while there is no next list, and in
-- lists whose next was made before this was kept; there the issue's state of today tells it.
ALTER TABLE weekly_entries ADD COLUMN became TEXT;
