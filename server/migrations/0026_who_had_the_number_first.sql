-- Numbers of 督办单 in their one form, and the position in the log at which each came to its issue: two issues that were pressed under
-- one number while nobody could ask have it both, and this says which of them had it first. What was noted before has no position
-- until the server starts; then it is noted anew.
ALTER TABLE supervision_numbers ADD COLUMN seq BIGINT;
